// SPDX-License-Identifier: Apache-2.0
#include "controller/identity/gatekeeper.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status/status.h"

namespace firebreak::controller {
namespace {

Registry::Shown ShownBy(const Caller& caller) {
  return {.fingerprint = caller.fingerprint,
          .key_sha256 = caller.key_sha256,
          .number = caller.number,
          .not_after = caller.not_after};
}

}  // namespace

Gatekeeper::Verdict Gatekeeper::Judge(X509* certificate) const {
  Verdict verdict;
  auto caller = callers_.Identify(certificate);
  if (!caller.ok()) {
    verdict.reason = std::string(caller.status().message());
    return verdict;
  }
  verdict.caller = *std::move(caller);
  if (absl::Status status = CheckInForce(*verdict.caller, absl::Now()); !status.ok()) {
    verdict.standing = Standing::kExpired;
    verdict.reason = std::string(status.message());
    return verdict;
  }
  verdict.standing = verdict.caller->role == Role::kHost
                         ? registry_.Look(verdict.caller->name, ShownBy(*verdict.caller))
                         : Standing::kMember;
  verdict.reason = WhyRefused(verdict.standing, verdict.caller->name);
  return verdict;
}

void Gatekeeper::RefusedConnection(const Verdict& verdict, const std::string& address) const {
  if (verdict.caller.has_value() && verdict.caller->role == Role::kHost) {
    refused_hosts_.Refused(verdict.caller->name, verdict.reason, address, absl::Now());
  }
  Refused(address, verdict.caller.has_value() ? verdict.caller->Text() : "", "connect", "",
          absl::UnauthenticatedError(verdict.reason));
}

absl::Status Gatekeeper::CheckMember(const Caller& caller) const {
  RETURN_IF_ERROR(CheckInForce(caller, absl::Now()));
  if (caller.role != Role::kHost) return absl::OkStatus();
  return registry_.Admit(caller.name, ShownBy(caller));
}

bool Gatekeeper::WouldAdmit(const grpc::ServerContextBase& context, Role role) const {
  const auto caller = connections_.Find(context.peer());
  return caller.has_value() && caller->role == role && CheckMember(*caller).ok();
}

absl::StatusOr<Caller> Gatekeeper::Admit(const grpc::ServerContextBase& context, Role role,
                                         absl::string_view action) const {
  auto caller = connections_.Find(context.peer());
  if (!caller.has_value()) return absl::UnavailableError("the connection has ended");
  RETURN_IF_ERROR(Admit(*caller, role, action));
  return *std::move(caller);
}

absl::Status Gatekeeper::Admit(const Caller& caller, Role role, absl::string_view action) const {
  absl::Status refusal = CheckMember(caller);
  if (refusal.ok() && caller.role == role) return absl::OkStatus();
  if (!refusal.ok() && caller.role == Role::kHost) {
    refused_hosts_.Refused(caller.name, refusal.message(), caller.address, absl::Now());
  }
  if (refusal.ok()) {
    refusal = absl::PermissionDeniedError(
        role == Role::kAdmin ? "only an administrator may do this; use an administrator's context"
                             : "only a host may do this");
  }
  Refused(caller.address, caller.Text(), action, "", refusal);
  return refusal;
}

void Gatekeeper::Refused(const std::string& address, absl::string_view actor,
                         absl::string_view action, absl::string_view object,
                         const absl::Status& reason) const {
  // What comes from a message may be long.
  const auto cut = [](absl::string_view text) { return std::string(text.substr(0, 300)); };
  refusals_.Record({.actor = cut(actor),
                    .peer = address,
                    .action = cut(action),
                    .object = cut(object),
                    .detail = cut(reason.message())},
                   absl::Now());
}

void Gatekeeper::EndConnections(absl::string_view host) const {
  Caller caller;
  caller.name = std::string(host);
  connections_.EndAll(caller.Text());
}

}  // namespace firebreak::controller
