// SPDX-License-Identifier: Apache-2.0
#include "controller/identity/caller.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status/status.h"
#include "controller/pki/certificate.h"
#include "controller/pki/key.h"
#include "proto/endpoint/endpoint.h"
#include "proto/endpoint/standing.h"

namespace firebreak::controller {

std::string Caller::Text() const {
  return absl::StrCat(role == Role::kHost ? "host/" : "admin/", name);
}

absl::StatusOr<Caller> IdentifyCaller(const ChainVerifier& chain, X509* certificate) {
  RETURN_IF_ERROR(chain.Verify(certificate));

  const std::vector<std::string> names = AlternativeNames(certificate);
  if (names.size() != 1) {
    return absl::UnauthenticatedError("the certificate does not name exactly one caller");
  }
  absl::string_view name = names[0];
  Caller caller;
  if (absl::ConsumePrefix(&name, absl::StrCat("URI:", kHostUriPrefix))) {
    caller.role = Role::kHost;
  } else if (absl::ConsumePrefix(&name, absl::StrCat("URI:", kAdminUriPrefix))) {
    caller.role = Role::kAdmin;
  } else {
    return absl::UnauthenticatedError("the certificate names neither a host nor an administrator");
  }
  if (name.empty()) return absl::UnauthenticatedError("the certificate's name is empty");
  caller.name = std::string(name);

  ASSIGN_OR_RETURN(auto fingerprint, Fingerprint(certificate));
  caller.fingerprint = std::move(fingerprint);
  ASSIGN_OR_RETURN(const auto not_after, NotAfter(certificate));
  caller.not_after = not_after;
  caller.number = CertificateNumber(certificate);
  ASSIGN_OR_RETURN(caller.key_sha256, PublicKeySha256(X509_get0_pubkey(certificate)));
  return caller;
}

absl::Status CheckInForce(const Caller& caller, absl::Time now) {
  if (now < caller.not_after) return absl::OkStatus();
  if (caller.role == Role::kAdmin) {
    return absl::UnauthenticatedError(
        "the administrator's certificate has expired; take the controller's newer admin.yaml");
  }
  return absl::UnauthenticatedError(WhyRefused(Standing::kExpired, caller.name));
}

}  // namespace firebreak::controller
