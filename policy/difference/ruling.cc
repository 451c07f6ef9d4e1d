// SPDX-License-Identifier: Apache-2.0
#include "policy/difference/ruling.h"

#include "absl/strings/str_cat.h"
#include "policy/resources/prefix.h"

namespace firebreak::policy {
namespace {

std::string Target(const Outcome& outcome) {
  const std::string port = outcome.forward_port == 0 ? "" : absl::StrCat(":", outcome.forward_port);
  if (outcome.forward_address.empty()) return absl::StrCat("port ", outcome.forward_port);
  std::string address =
      PrefixText({outcome.forward_address, static_cast<int>(outcome.forward_address.size() * 8)});
  address.resize(address.rfind('/'));
  const bool brackets = outcome.forward_address.size() == 16 && !port.empty();
  return brackets ? absl::StrCat("[", address, "]", port) : absl::StrCat(address, port);
}

// Returns " by policy laptops", or " by default" if no policy says anything.
std::string By(const std::string& policy) {
  return policy.empty() ? " by default" : absl::StrCat(" by policy ", policy);
}

}  // namespace

namespace {

std::string ActionText(const Outcome& outcome) {
  switch (outcome.action) {
    case Outcome::Action::kRefused: return "refused";
    case Outcome::Action::kRejected: return "rejected";
    case Outcome::Action::kObserved: return "let pass and logged as refused";
    case Outcome::Action::kAdmitted: return "admitted";
    case Outcome::Action::kProxied: return "admitted behind a proxied handshake";
    case Outcome::Action::kForwarded: return absl::StrCat("forwarded to ", Target(outcome));
  }
  return "";
}

}  // namespace

std::string OutcomeText(const Outcome& outcome) {
  const std::string action = ActionText(outcome);
  return outcome.otherwise.empty() ? action : absl::StrCat(action, " (", outcome.otherwise, ")");
}

std::string CauseText(const Cause& cause) {
  switch (cause.kind) {
    case Cause::Kind::kUnmanaged: return "no policy selects the host";
    case Cause::Kind::kPrivate: return "a private interface of sharing has no firewall";
    case Cause::Kind::kFirewall: return absl::StrCat("the firewall is off", By(cause.policy));
    case Cause::Kind::kMapping:
      return absl::StrCat("mapping ", cause.mapping, " of policy ", cause.policy);
    case Cause::Kind::kIcmp:
      if (cause.mapping.empty()) {
        return cause.policy.empty()
                   ? "no policy's icmp lets it out"
                   : absl::StrCat("the icmp of policy ", cause.policy, " does not let it out");
      }
      return absl::StrCat("icmp ", cause.mapping, By(cause.policy));
    case Cause::Kind::kOutboundDefault: return absl::StrCat("outbound default", By(cause.policy));
    case Cause::Kind::kNothingOpens: return "no mapping opens it";
    case Cause::Kind::kEssential: return "every host needs it";
  }
  return "";
}

}  // namespace firebreak::policy
