#ifndef FIREBREAK_CONTROLLER_IDENTITY_CALLER_H_
#define FIREBREAK_CONTROLLER_IDENTITY_CALLER_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "controller/pki/chain.h"

namespace firebreak::controller {

enum class Role { kHost, kAdmin };

// Who a client certificate says is calling.
struct Caller {
  Role role = Role::kHost;
  std::string name;
  std::string fingerprint;  // SHA-256 of the certificate, DER
  absl::Time not_after;

  // "host/web1" or "admin/admin", as in the audit trail.
  std::string Text() const;
};

// The caller with the certificate `pem` (empty: none), as TLS has proven that it holds the key.
// Unauthenticated, with the reason, unless `chain` vouches for it and its only alternative name is
// one of Firebreak's URIs.
absl::StatusOr<Caller> IdentifyCaller(const ChainVerifier& chain, absl::string_view pem,
                                      absl::Time now);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_IDENTITY_CALLER_H_
