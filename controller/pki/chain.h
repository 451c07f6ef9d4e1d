// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_PKI_CHAIN_H_
#define FIREBREAK_CONTROLLER_PKI_CHAIN_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/openssl/openssl.h"

namespace firebreak::controller {

// Checks that client certificates were issued by one authority. Immutable, so thread-safe.
class ChainVerifier {
 public:
  static absl::StatusOr<ChainVerifier> Make(absl::string_view authority_pem);

  // Unauthenticated, with the reason, if the authority did not issue the certificate for a client.
  // The times are not checked, so that the caller's name is known even if the certificate has
  // expired.
  absl::Status Verify(X509* certificate) const;

 private:
  explicit ChainVerifier(StorePtr store) : store_(std::move(store)) {}

  StorePtr store_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_PKI_CHAIN_H_
