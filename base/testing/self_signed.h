// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_BASE_TESTING_SELF_SIGNED_H_
#define FIREBREAK_BASE_TESTING_SELF_SIGNED_H_

#include "base/openssl/openssl.h"

namespace firebreak {

// Gives a server's context a key and a certificate, which is signed by itself, names nobody and
// holds for an hour.
inline void UseSelfSigned(SSL_CTX& context) {
  const KeyPtr key(EVP_EC_gen("P-256"));
  const CertificatePtr certificate(X509_new());
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key.get());
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  SSL_CTX_use_certificate(&context, certificate.get());
  SSL_CTX_use_PrivateKey(&context, key.get());
}

}  // namespace firebreak

#endif  // FIREBREAK_BASE_TESTING_SELF_SIGNED_H_
