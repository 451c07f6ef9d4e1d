#ifndef FIREBREAK_CONTROLLER_IDENTITY_GATEKEEPER_H_
#define FIREBREAK_CONTROLLER_IDENTITY_GATEKEEPER_H_

#include <grpcpp/security/auth_context.h>
#include <grpcpp/server_context.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "controller/hosts/refused_hosts.h"
#include "controller/hosts/registry.h"
#include "controller/identity/caller.h"
#include "controller/identity/caller_cache.h"
#include "controller/identity/refusal_log.h"
#include "controller/pki/chain.h"

namespace firebreak::controller {

// Decides who may call. TLS lets everyone in who holds the key of whatever certificate he shows,
// or shows none (an enrolling host has none yet); whether the certificate is worth anything is
// decided here, for every call, where the refusal can be recorded with the caller's address and
// answered with its reason.
//
// Thread-safe; what it refers to must outlive it.
class Gatekeeper {
 public:
  Gatekeeper(const ChainVerifier& chain, Registry& registry, RefusalLog& refusals,
             RefusedHosts& refused_hosts)
      : callers_(chain), registry_(registry), refusals_(refusals), refused_hosts_(refused_hosts) {}

  // The caller, if he has `role`, and is not a host that was revoked or has a newer certificate.
  // Otherwise UNAUTHENTICATED or PERMISSION_DENIED, recorded under `action`.
  absl::StatusOr<Caller> Admit(const grpc::ServerContextBase& context, Role role,
                               absl::string_view action) const;

  // The same for any role, where the caller's address is not known.
  absl::StatusOr<Caller> AdmitAny(const grpc::AuthContext& context, absl::string_view action) const;

  // Whether Admit would let the caller in; nothing is recorded.
  bool WouldAdmit(const grpc::AuthContext& context, Role role) const;

  // Who the certificate of the call says is calling, if the fleet's CA vouches for it, whether he
  // may still call or not.
  absl::StatusOr<Caller> Identify(const grpc::AuthContext& context) const;

  // Records a refusal for another reason.
  void Refused(const grpc::ServerContextBase& context, absl::string_view actor,
               absl::string_view action, absl::string_view object,
               const absl::Status& reason) const;

 private:
  // Whether he is in the fleet still.
  absl::Status CheckMember(const Caller& caller) const;

  mutable CallerCache callers_;
  Registry& registry_;
  RefusalLog& refusals_;
  RefusedHosts& refused_hosts_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_IDENTITY_GATEKEEPER_H_
