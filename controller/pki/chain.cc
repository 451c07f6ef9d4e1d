// SPDX-License-Identifier: Apache-2.0
#include "controller/pki/chain.h"

#include <openssl/err.h>

#include "base/status/status.h"
#include "controller/pki/certificate.h"

namespace firebreak::controller {

absl::StatusOr<ChainVerifier> ChainVerifier::Make(absl::string_view authority_pem) {
  ASSIGN_OR_RETURN(const auto authority, ReadCertificate(authority_pem));
  StorePtr store(X509_STORE_new());
  if (store == nullptr || X509_STORE_add_cert(store.get(), authority.get()) != 1) {
    return OpensslError("make a certificate store");
  }
  return ChainVerifier(std::move(store));
}

absl::Status ChainVerifier::Verify(X509* certificate) const {
  const StoreContextPtr context(X509_STORE_CTX_new());
  if (context == nullptr ||
      X509_STORE_CTX_init(context.get(), store_.get(), certificate, nullptr) != 1) {
    return OpensslError("verify a certificate");
  }
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_SSL_CLIENT);
  X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_X509_STRICT | X509_V_FLAG_NO_CHECK_TIME);
  const bool verified = X509_verify_cert(context.get()) == 1;
  ERR_clear_error();
  if (verified) return absl::OkStatus();
  switch (const int error = X509_STORE_CTX_get_error(context.get()); error) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return absl::UnauthenticatedError("the certificate is not of this fleet (unknown CA)");
    default: return absl::UnauthenticatedError(X509_verify_cert_error_string(error));
  }
}

}  // namespace firebreak::controller
