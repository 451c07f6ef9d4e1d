// SPDX-License-Identifier: Apache-2.0
#include "agent/location/beacon_tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

namespace firebreak::agent {

SslContextPtr MakeBeaconContext(const std::string& ca_pem) {
  SslContextPtr context(SSL_CTX_new(TLS_client_method()));
  if (context == nullptr || SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION) != 1) {
    return nullptr;
  }
  X509_STORE* store = SSL_CTX_get_cert_store(context.get());
  const BioPtr bio = ReadFrom(ca_pem);
  int certificates = 0;
  while (true) {
    const CertificatePtr one(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (one == nullptr) break;
    if (X509_STORE_add_cert(store, one.get()) != 1) return nullptr;
    ++certificates;
  }
  ERR_clear_error();
  if (certificates == 0) return nullptr;
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  return context;
}

absl::Status CheckBeaconCertificate(const SSL* ssl) {
  const STACK_OF(X509)* chain = SSL_get0_verified_chain(ssl);
  if (chain == nullptr || SSL_get_verify_result(ssl) != X509_V_OK) {
    return absl::PermissionDeniedError("the beacon's certificate is not valid");
  }
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    const X509* one = sk_X509_value(chain, i);
    if (X509_cmp_current_time(X509_get0_notBefore(one)) >= 0) {
      return absl::PermissionDeniedError(
          "by this host's clock the beacon's certificate is not valid yet");
    }
    if (X509_cmp_current_time(X509_get0_notAfter(one)) <= 0) {
      return absl::PermissionDeniedError(
          "by this host's clock the beacon's certificate has expired");
    }
  }
  return absl::OkStatus();
}

}  // namespace firebreak::agent
