#ifndef FIREBREAK_CONTROLLER_ENROLMENT_ENROLMENT_H_
#define FIREBREAK_CONTROLLER_ENROLMENT_ENROLMENT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "controller/hosts/registry.h"
#include "controller/pki/authority.h"
#include "controller/pki/secret.h"
#include "firebreak/v1/admin.pb.h"
#include "firebreak/v1/fleet.pb.h"

namespace firebreak::controller {

// How hosts come into the fleet: tokens, enrolment, renewal, revocation. Every success is in the
// audit trail by the same transaction; refusals are for the caller to record. Thread-safe; what it
// refers to must outlive it.
class Enrolment {
 public:
  Enrolment(const Authority& authority, Database& database, Registry& registry,
            absl::Duration host_lifetime)
      : authority_(authority),
        database_(database),
        registry_(registry),
        host_lifetime_(host_lifetime) {}

  // The token that goes to the operator, and to nobody else.
  struct IssuedToken {
    Secret text;
    absl::Time expires_at;
  };
  absl::StatusOr<IssuedToken> CreateToken(const v1::CreateTokenRequest& request,
                                          const std::string& actor, const std::string& peer,
                                          absl::Time now);

  // A new host, or one that was revoked, with a token that was made after that, or one that comes
  // again with the key that it has. A host that asks again with the key and the token that it
  // enrolled with has not got the answer: it gets it without another use of the token.
  //
  // Unauthenticated: the token is wrong, expired, used up, or older than the host's revocation.
  // AlreadyExists: the name belongs to a host with another key. InvalidArgument: name or request.
  absl::StatusOr<v1::EnrolResponse> Enrol(const v1::EnrolRequest& request, const std::string& peer,
                                          absl::Time now);

  // `host` is the name in the certificate of the call.
  absl::StatusOr<v1::EnrolResponse> Renew(const std::string& host, const v1::RenewRequest& request,
                                          const std::string& peer, absl::Time now);

  // NotFound, or nothing to be done if it is revoked already. The host's stream is for the caller
  // to end.
  absl::Status Revoke(const std::string& host, const std::string& actor, const std::string& peer,
                      absl::Time now);

 private:
  absl::StatusOr<IssuedCertificate> Issue(const std::string& host, EVP_PKEY* key,
                                          absl::Time now) const;
  v1::EnrolResponse Response(const std::string& host, const IssuedCertificate& issued) const;

  const Authority& authority_;
  Database& database_;
  Registry& registry_;
  const absl::Duration host_lifetime_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ENROLMENT_ENROLMENT_H_
