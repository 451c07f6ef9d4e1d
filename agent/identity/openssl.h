#ifndef FIREBREAK_AGENT_IDENTITY_OPENSSL_H_
#define FIREBREAK_AGENT_IDENTITY_OPENSSL_H_

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace firebreak::agent {

// OpenSSL's objects, owned.
template <auto Free>
struct OpensslDelete {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Bio = std::unique_ptr<BIO, OpensslDelete<&BIO_free_all>>;
using Key = std::unique_ptr<EVP_PKEY, OpensslDelete<&EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, OpensslDelete<&X509_free>>;
using SigningRequest = std::unique_ptr<X509_REQ, OpensslDelete<&X509_REQ_free>>;
using SslContext = std::unique_ptr<SSL_CTX, OpensslDelete<&SSL_CTX_free>>;
using SslConnection = std::unique_ptr<SSL, OpensslDelete<&SSL_free>>;

// Internal, with what OpenSSL says about the last failure on this thread.
absl::Status OpensslError(absl::string_view operation);

// The first certificate in the text; null if there is none.
Certificate ReadCertificate(absl::string_view pem);

std::string Pem(const X509& certificate);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_IDENTITY_OPENSSL_H_
