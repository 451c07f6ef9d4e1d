// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_ENROLMENT_ENROLMENT_H_
#define FIREBREAK_CONTROLLER_ENROLMENT_ENROLMENT_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "controller/enrolment/renewal_budget.h"
#include "controller/hosts/registry.h"
#include "controller/identity/caller.h"
#include "controller/pki/authority.h"
#include "controller/pki/secret.h"
#include "controller/store/tokens.h"
#include "firebreak/v1/admin.pb.h"
#include "firebreak/v1/fleet.pb.h"

namespace firebreak::controller {

// How hosts come into the fleet and go: tokens, enrolment, renewal, labels, revocation. Every
// success is in the audit trail by the same transaction; refusals are for the caller to record.
// Thread-safe; what it refers to must outlive it.
class Enrolment {
 public:
  Enrolment(const Authority& authority, Database& database, Registry& registry,
            absl::Duration host_lifetime)
      : authority_(authority),
        database_(database),
        registry_(registry),
        host_lifetime_(host_lifetime),
        renewals_(host_lifetime) {}

  // The token that goes to the operator, and to nobody else.
  struct IssuedToken {
    Secret text;
    absl::Time expires_at;
  };
  absl::StatusOr<IssuedToken> CreateToken(const v1::CreateTokenRequest& request,
                                          const std::string& actor, const std::string& peer,
                                          absl::Time now);

  // Lets a host in that has a good token and is one of these: new; revoked, if the token was made
  // after that; the one that the controller knows, as its key shows, or as `proof` does, a
  // certificate of the fleet that it has called with, or as the token says that was made for it.
  //
  // It gets the token's labels; if the token has none, a host that is known keeps those that it
  // has. A host that asks again with the key and the token that it enrolled with has not got the
  // answer: it gets it without another use of the token. So does one whose certificate is in force
  // still and whose labels the token does not change.
  //
  // Unauthenticated: the token is wrong, expired, used up, or older than the host's revocation.
  // AlreadyExists: the name belongs to a host with another key. InvalidArgument: name or request.
  absl::StatusOr<v1::EnrolResponse> Enrol(const v1::EnrolRequest& request,
                                          const std::optional<Caller>& proof,
                                          const std::string& peer, absl::Time now);

  // `host` is the name in the certificate of the call. ResourceExhausted: it has renewed too often
  // lately; see RenewalBudget.
  absl::StatusOr<v1::EnrolResponse> Renew(const std::string& host, const v1::RenewRequest& request,
                                          const std::string& peer, absl::Time now);

  // NotFound, or nothing to be done if it is revoked already. The host's stream is for the caller
  // to end.
  absl::Status Revoke(const std::string& host, const std::string& actor, const std::string& peer,
                      absl::Time now);

  // Deletes all that is known of the host, so that its name is free. It is out like a revoked one,
  // and if it was revoked the tokens of before that never enrol a host of its name. NotFound.
  absl::Status Forget(const std::string& host, const std::string& actor, const std::string& peer,
                      absl::Time now);

  // Sets and removes labels of the host, and returns those that it has then. NotFound,
  // InvalidArgument. What the host is to enforce then is for the caller to send. `overridden` says
  // which invariants are broken by it and why, for a row of its own in the audit trail; empty:
  // none.
  absl::StatusOr<std::map<std::string, std::string>> SetLabels(
      const v1::SetHostLabelsRequest& request, const std::string& overridden,
      const std::string& actor, const std::string& peer, absl::Time now);

 private:
  absl::StatusOr<IssuedCertificate> Issue(const std::string& host, EVP_PKEY* key, int64_t number,
                                          absl::Time now) const;
  // The new record of the host `request.name()`, or why it is refused; uses the token if need be.
  absl::StatusOr<HostRecord> LetIn(Connection& connection, const std::string& name,
                                   const TokenRow& token, const std::string& key_sha256,
                                   const std::optional<HostRecord>& present,
                                   const std::optional<Caller>& proof) const;
  v1::EnrolResponse Response(const std::string& host, const IssuedCertificate& issued) const;

  const Authority& authority_;
  Database& database_;
  Registry& registry_;
  const absl::Duration host_lifetime_;
  RenewalBudget renewals_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ENROLMENT_ENROLMENT_H_
