// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_IDENTITY_GATEKEEPER_H_
#define FIREBREAK_CONTROLLER_IDENTITY_GATEKEEPER_H_

#include <grpcpp/server_context.h>

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/openssl/openssl.h"
#include "controller/hosts/refused_hosts.h"
#include "controller/hosts/registry.h"
#include "controller/identity/caller.h"
#include "controller/identity/caller_cache.h"
#include "controller/identity/connections.h"
#include "controller/identity/refused_attempts.h"
#include "controller/pki/chain.h"
#include "proto/endpoint/standing.h"

namespace firebreak::controller {

// Decides who is let in, and who may call. The front asks in each TLS handshake what the client's
// certificate is worth, so that a connection on which calls come is one of a member of the fleet;
// and each call is asked about again, as who was a member then may not be one now.
//
// Thread-safe; what it refers to must outlive it.
class Gatekeeper {
 public:
  Gatekeeper(const ChainVerifier& chain, Registry& registry, RefusedAttempts& refusals,
             RefusedHosts& refused_hosts, Connections& connections)
      : callers_(chain),
        registry_(registry),
        refusals_(refusals),
        refused_hosts_(refused_hosts),
        connections_(connections) {}

  // What a certificate is worth that is shown in a handshake.
  struct Verdict {
    Standing standing = Standing::kStranger;
    std::optional<Caller> caller;  // if the fleet's CA vouches for it
    std::string reason;            // unless he is a member
  };
  // Nothing is changed or recorded: whether the client holds the key is not known yet.
  Verdict Judge(X509* certificate) const;

  // A connection is there on which a member has proven to hold his key. Otherwise UNAUTHENTICATED:
  // he is not one any more.
  absl::Status LetIn(const Caller& caller) const { return CheckMember(caller); }

  // Records that a connection from `address` was refused, by its verdict.
  void RefusedConnection(const Verdict& verdict, const std::string& address) const;

  // OK if the caller has `role`, and is not a host that was revoked or has a newer certificate.
  // Otherwise UNAUTHENTICATED or PERMISSION_DENIED, recorded under `action`.
  absl::Status Admit(const Caller& caller, Role role, absl::string_view action) const;

  // The caller of gRPC's, if Admit lets him in. UNAVAILABLE: his connection has ended.
  absl::StatusOr<Caller> Admit(const grpc::ServerContextBase& context, Role role,
                               absl::string_view action) const;

  // Whether Admit would let the caller in; nothing is recorded.
  bool WouldAdmit(const grpc::ServerContextBase& context, Role role) const;

  // Records a refusal for another reason.
  void Refused(const std::string& address, absl::string_view actor, absl::string_view action,
               absl::string_view object, const absl::Status& reason) const;

  // Ends all connections of the host.
  void EndConnections(absl::string_view host) const;

 private:
  // Whether he is in the fleet still.
  absl::Status CheckMember(const Caller& caller) const;

  mutable CallerCache callers_;
  Registry& registry_;
  RefusedAttempts& refusals_;
  RefusedHosts& refused_hosts_;
  Connections& connections_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_IDENTITY_GATEKEEPER_H_
