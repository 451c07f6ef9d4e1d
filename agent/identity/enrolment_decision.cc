// SPDX-License-Identifier: Apache-2.0
#include "agent/identity/enrolment_decision.h"

namespace firebreak::agent {
namespace {

std::string Id(const Token& token) { return {token.id.begin(), token.id.end()}; }

}  // namespace

EnrolmentDecision DecideEnrolment(const std::optional<Identity>& identity,
                                  const std::optional<Token>& token,
                                  const std::optional<std::string>& given_name,
                                  const std::string& host_name, absl::Time now) {
  using When = EnrolmentDecision::When;
  EnrolmentDecision decision;
  decision.name = given_name.value_or(identity.has_value() ? identity->name : host_name);
  const bool same_fleet =
      identity.has_value() && (!token.has_value() || identity->IsOfFleet(token->ca_fingerprint));
  decision.usable = same_fleet;
  if (!token.has_value()) return decision;
  const bool serves = same_fleet && identity->token == Id(*token) &&
                      identity->name == decision.name && now < identity->not_after;
  decision.when = serves ? When::kIfRefused : When::kNow;
  return decision;
}

}  // namespace firebreak::agent
