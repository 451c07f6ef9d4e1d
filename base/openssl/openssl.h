// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_BASE_OPENSSL_OPENSSL_H_
#define FIREBREAK_BASE_OPENSSL_OPENSSL_H_

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace firebreak {

// Owning pointers to OpenSSL's objects.
template <auto kFree>
struct OpensslFree {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using BignumPtr = std::unique_ptr<BIGNUM, OpensslFree<BN_free>>;
using BioPtr = std::unique_ptr<BIO, OpensslFree<BIO_free_all>>;
using CertificatePtr = std::unique_ptr<X509, OpensslFree<X509_free>>;
using DigestPtr = std::unique_ptr<EVP_MD_CTX, OpensslFree<EVP_MD_CTX_free>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, OpensslFree<X509_EXTENSION_free>>;
using GeneralNamesPtr = std::unique_ptr<GENERAL_NAMES, OpensslFree<GENERAL_NAMES_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, OpensslFree<EVP_PKEY_free>>;
using RequestPtr = std::unique_ptr<X509_REQ, OpensslFree<X509_REQ_free>>;
using SslContextPtr = std::unique_ptr<SSL_CTX, OpensslFree<SSL_CTX_free>>;
using SslPtr = std::unique_ptr<SSL, OpensslFree<SSL_free>>;
using StoreContextPtr = std::unique_ptr<X509_STORE_CTX, OpensslFree<X509_STORE_CTX_free>>;
using StorePtr = std::unique_ptr<X509_STORE, OpensslFree<X509_STORE_free>>;

// Returns an Internal error with the first of this thread's queued OpenSSL errors, and clears the
// queue.
absl::Status OpensslError(absl::string_view operation);

// Returns a BIO that reads `text`, which must outlive it.
BioPtr ReadFrom(absl::string_view text);
// Returns the bytes written to `bio`, a BIO_s_mem or BIO_s_secmem.
std::string Written(BIO* bio);

// Returns the first certificate in `pem`, or null if there is none.
CertificatePtr ReadCertificate(absl::string_view pem);
// Returns the certificate as PEM, or an empty text if it cannot be encoded.
std::string Pem(const X509& certificate);

// Overwrites a secret with zeros; its length stays.
void Wipe(std::string& secret);

// Returns the digest, 32 bytes.
std::string Sha256(absl::string_view bytes);

}  // namespace firebreak

#endif  // FIREBREAK_BASE_OPENSSL_OPENSSL_H_
