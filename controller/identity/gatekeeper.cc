#include "controller/identity/gatekeeper.h"

#include <grpc/grpc_security_constants.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status/status.h"
#include "controller/identity/peer_address.h"

namespace firebreak::controller {

absl::StatusOr<Caller> Gatekeeper::Identify(const grpc::AuthContext& context) const {
  const auto certificates = context.FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
  const absl::string_view pem =
      certificates.empty() ? absl::string_view()
                           : absl::string_view(certificates[0].data(), certificates[0].size());
  return callers_.Identify(pem);
}

absl::Status Gatekeeper::CheckMember(const Caller& caller) const {
  RETURN_IF_ERROR(CheckInForce(caller, absl::Now()));
  if (caller.role != Role::kHost) return absl::OkStatus();
  return registry_.Admit(caller.name, {.fingerprint = caller.fingerprint,
                                       .key_sha256 = caller.key_sha256,
                                       .number = caller.number,
                                       .not_after = caller.not_after});
}

bool Gatekeeper::WouldAdmit(const grpc::AuthContext& context, Role role) const {
  const auto caller = Identify(context);
  return caller.ok() && caller->role == role && CheckMember(*caller).ok();
}

absl::StatusOr<Caller> Gatekeeper::Admit(const grpc::ServerContextBase& context, Role role,
                                         absl::string_view action) const {
  auto caller = Identify(*context.auth_context());
  std::string actor;
  absl::Status refusal = caller.status();
  if (caller.ok()) {
    refusal = CheckMember(*caller);
    if (refusal.ok() && caller->role == role) return caller;
    if (!refusal.ok() && caller->role == Role::kHost) {
      refused_hosts_.Refused(caller->name, refusal.message(), PeerAddress(context.peer()),
                             absl::Now());
    }
    // Of a host that is out as well: the fleet's CA has vouched for the name.
    actor = caller->Text();
    if (refusal.ok()) {
      refusal = absl::PermissionDeniedError(
          role == Role::kAdmin ? "only an administrator may do this; use an administrator's context"
                               : "only a host may do this");
    }
  }
  Refused(context, actor, action, "", refusal);
  return refusal;
}

absl::StatusOr<Caller> Gatekeeper::AdmitAny(const grpc::AuthContext& context,
                                            absl::string_view action) const {
  auto caller = Identify(context);
  const absl::Status refusal = caller.ok() ? CheckMember(*caller) : caller.status();
  if (refusal.ok()) return caller;
  refusals_.Record({.actor = caller.ok() ? caller->Text() : "",
                    .action = std::string(action),
                    .detail = std::string(refusal.message())},
                   absl::Now());
  return refusal;
}

void Gatekeeper::Refused(const grpc::ServerContextBase& context, absl::string_view actor,
                         absl::string_view action, absl::string_view object,
                         const absl::Status& reason) const {
  // What comes from a message may be long.
  const auto cut = [](absl::string_view text) { return std::string(text.substr(0, 300)); };
  refusals_.Record({.actor = cut(actor),
                    .peer = PeerAddress(context.peer()),
                    .action = cut(action),
                    .object = cut(object),
                    .detail = cut(reason.message())},
                   absl::Now());
}

}  // namespace firebreak::controller
