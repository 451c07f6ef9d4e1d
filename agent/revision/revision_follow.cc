// SPDX-License-Identifier: Apache-2.0

// How the rules in force follow changes of the host: interfaces, locations, local switches and
// mappings, and changes that others make to the rules.

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/revision/revision_keeper.h"
#include "base/log/log.h"
#include "base/status/status.h"

namespace firebreak::agent {

absl::StatusOr<Enforcer::Outcome> RevisionKeeper::EnforceInForce() {
  const v1::EffectivePolicy& policy = policy_.Get();
  ASSIGN_OR_RETURN(const ruleset::Ruleset rules, rules_.Compile(policy));
  absl::StatusOr<Enforcer::Outcome> outcome = rules_.Enforce(policy, rules);
  enforced_ = outcome.status();
  SetOutdatedTimer();
  if (outcome.ok() && outcome->changes > 0) TellEnforced();
  return outcome;
}

void RevisionKeeper::SetOutdatedTimer(absl::Duration least) {
  loop_.Cancel(std::exchange(outdated_timer_, 0));
  const std::optional<absl::Duration> until = rules_.UntilOutdated();
  if (!until.has_value()) return;
  const absl::Duration delay = std::max(*until, least);
  outdated_timer_ = loop_.RunAfter(absl::ToChronoMilliseconds(delay), [this] {
    outdated_timer_ = 0;
    FollowTime();
  });
}

// Removes expired mappings from the rules and ends the flows that they let begin. During a trial,
// the trial itself ends the flows.
void RevisionKeeper::FollowTime() {
  if (rules_.IsOutdated(policy_.Get())) {
    if (absl::Status status = Renew(); !status.ok()) {
      LogError(absl::StrCat("follow the clock and the senders of mappings: ", status.message()));
    } else {
      LogInfo("rules follow the clock, or the accounts and units of this host");
      if (!on_trial()) controller_.EndForbiddenFlows([](const lifecycle::Help&) {});
      poster_.Post([this] { listener_.Expired(); });
    }
  }
  // While rules are being undone nothing can be done, so try again later.
  SetOutdatedTimer(absl::Seconds(1));
}

void RevisionKeeper::LinksChanged(std::vector<Link> links) {
  const std::vector<policy::Interface> before = rules_.Interfaces();
  rules_.SetLinks(std::move(links));
  const bool same = !behind_links_ && rules_.Interfaces() == before;
  // Addresses and carriers only decide which interfaces count for the host's location.
  if (same) return FollowHostLocation();
  const absl::Status status = Renew();
  behind_links_ = !status.ok();
  if (!status.ok()) LogError(absl::StrCat("follow a change of interfaces: ", status.message()));
  Handle(lifecycle::HostChanged());
}

void RevisionKeeper::PressureChanged(const StackPressure& pressure) {
  if (!rules_.SetPressure(pressure)) {
    const bool in_force = lifecycle::InForce(state_) != nullptr &&
                          !std::holds_alternative<lifecycle::Starting>(state_.standing) &&
                          !std::holds_alternative<lifecycle::Undoing>(state_.standing);
    const absl::Status status = in_force ? rules_.EnforceStack(policy_.Get()) : absl::OkStatus();
    if (!status.ok()) LogError(status.message());
    return;
  }
  if (const absl::Status status = Renew(); !status.ok()) {
    LogError(absl::StrCat("follow a flood of connection requests: ", status.message()));
  }
  Handle(lifecycle::HostChanged());
}

absl::Status RevisionKeeper::Renew() {
  // A revision that is being undone is compiled later, for the interfaces at that time.
  if (std::holds_alternative<lifecycle::Undoing>(state_.standing)) return absl::OkStatus();
  const auto wanted = lifecycle::Wanted(state_);
  if (!wanted.has_value() || std::holds_alternative<lifecycle::Nothing>(*wanted)) {
    return absl::OkStatus();
  }
  absl::StatusOr<Enforcer::Outcome> outcome;
  if (std::holds_alternative<lifecycle::Starting>(state_.standing)) {
    outcome = EnforceTarget(*wanted);
  } else {
    outcome = EnforceInForce();
  }
  RETURN_IF_ERROR(outcome.status());
  if (const lifecycle::Revision* in_force = lifecycle::InForce(state_)) {
    NoteInReceipt(*in_force, *outcome);
    Find(*in_force)->receipt.set_changes(outcome->changes);
  }
  Handle(lifecycle::Renewed{outcome->digest});
  UpdateReceipt();
  return absl::OkStatus();
}

// Enforces the policy again if the host's location, and so the settings of the whole host, have
// changed.
void RevisionKeeper::FollowHostLocation() {
  const lifecycle::Revision* in_force = lifecycle::InForce(state_);
  if (in_force == nullptr || std::holds_alternative<lifecycle::Starting>(state_.standing) ||
      std::holds_alternative<lifecycle::Undoing>(state_.standing) ||
      rules_.MatchHostLocation(policy_.Get())) {
    return;
  }
  const absl::StatusOr<Enforcer::Outcome> outcome = EnforceInForce();
  if (!outcome.ok()) {
    return LogError(absl::StrCat("follow a change of location: ", outcome.status().message()));
  }
  NoteInReceipt(*in_force, *outcome);
  Handle(lifecycle::Renewed{outcome->digest});
}

void RevisionKeeper::Describe(v1::Receipt& receipt) const {
  const std::vector<v1::InterfaceState> states = InterfaceStates();
  receipt.mutable_interfaces()->Assign(states.begin(), states.end());
  const std::vector<v1::LocalSwitch> options = Options();
  receipt.mutable_options()->Assign(options.begin(), options.end());
  receipt.clear_unproven();
  const lifecycle::Revision* good = lifecycle::LastGood(state_);
  if (!state_.doubt.has_value() || good == nullptr || good->number != receipt.revision()) return;
  receipt.mutable_unproven()->Assign(state_.doubt->help.begin(), state_.doubt->help.end());
}

// Updates the interfaces in the receipt and reports it. The receipt of a trial is reported when the
// trial ends.
void RevisionKeeper::UpdateReceipt() {
  const lifecycle::Revision* in_force = lifecycle::InForce(state_);
  if (in_force == nullptr) return;
  v1::Receipt& receipt = Find(*in_force)->receipt;
  Describe(receipt);
  if (!std::holds_alternative<lifecycle::Good>(state_.standing)) return;
  poster_.Post([this, receipt] { listener_.Applied(receipt); });
}

absl::StatusOr<Enforcer::Outcome> RevisionKeeper::UndoForeignChanges() {
  absl::StatusOr<Enforcer::Outcome> outcome = RestoreRules();
  if (!outcome.ok()) return outcome;
  // Also undoes changes that others made to the interfaces' locations.
  ASSIGN_OR_RETURN(const uint32_t sets, rules_.RestoreLocations());
  if (sets > 0) {
    outcome->changes += sets;
    outcome->committed_at = EventLoop::Clock::now();
  }
  return outcome;
}

absl::StatusOr<Enforcer::Outcome> RevisionKeeper::RestoreRules() {
  const auto wanted = lifecycle::Wanted(state_);
  // An undo is retried by the lifecycle.
  if (!wanted.has_value() || std::holds_alternative<lifecycle::Undoing>(state_.standing)) {
    return Enforcer::Outcome();
  }
  if (std::holds_alternative<lifecycle::Starting>(state_.standing)) {
    absl::StatusOr<Enforcer::Outcome> outcome = EnforceTarget(*wanted);
    if (outcome.ok()) Handle(lifecycle::Renewed{outcome->digest});
    return outcome;
  }
  absl::StatusOr<Enforcer::Outcome> restored = rules_.Restore();
  if (absl::IsFailedPrecondition(restored.status())) return EnforceInForce();
  if (restored.ok() && restored->changes > 0) TellEnforced();
  return restored;
}

std::vector<v1::LocalSwitch> RevisionKeeper::Options() const {
  v1::LocalSwitches held = switches_;
  // Those that the policy in force denies are soon gone, and hold no longer already.
  policy::RemoveForbidden(policy_.Get(), held);
  std::vector<v1::LocalSwitch> options;
  for (const v1::LocalSwitch& one : held.items()) {
    if (policy::SubjectOf(one) != policy::SwitchSubject::kFirewall) options.push_back(one);
  }
  return options;
}

policy::LocalPermission RevisionKeeper::PermissionFor(const v1::LocalSwitch& wanted) const {
  const v1::EffectivePolicy& policy = policy_.Get();
  if (!policy.managed()) return {.reason = "no policy selects this host: it has no firewall"};
  return policy::PermissionFor(policy, rules_.HostLocation(policy), wanted);
}

absl::Status RevisionKeeper::EnforceAfter(absl::FunctionRef<absl::Status()> exchange) {
  const lifecycle::Revision* in_force = lifecycle::InForce(state_);
  if (in_force == nullptr) {
    return absl::FailedPreconditionError("no policy of the fleet is in force on this host");
  }
  if (std::holds_alternative<lifecycle::Undoing>(state_.standing)) {
    return absl::UnavailableError("a revision is being undone; try again in some seconds");
  }
  absl::Status status = exchange();
  const bool kept = status.ok();
  absl::StatusOr<v1::EffectivePolicy> policy = Read(Find(*in_force)->push);
  status.Update(policy.status());
  if (status.ok()) {
    v1::EffectivePolicy before = policy_.Get();
    policy_.Set(*std::move(policy));
    status = Renew();
    if (status.ok()) {
      TellEnforced();
      return status;
    }
    policy_.Set(std::move(before));
  }
  absl::Status restored = exchange();
  // The kernel may have the rules already, if the failure came after the transaction.
  if (kept) restored.Update(Renew());
  if (!restored.ok()) LogError(restored.message());
  return status;
}

absl::Status RevisionKeeper::SetSwitches(v1::LocalSwitches switches) {
  return EnforceAfter([&] {
    std::swap(switches_, switches);
    return disk_.WriteSwitches(switches_);
  });
}

absl::Status RevisionKeeper::SetMappings(v1::LocalMappings mappings) {
  const auto exchange = [&] {
    std::swap(mappings_, mappings);
    return disk_.WriteMappings(mappings_);
  };
  const bool same =
      std::equal(mappings.open().begin(), mappings.open().end(), mappings_.open().begin(),
                 mappings_.open().end(), [](const v1::LocalMapping& a, const v1::LocalMapping& b) {
                   return a.number() == b.number();
                 });
  const bool nothing_to_enforce = mappings.open().empty() && lifecycle::InForce(state_) == nullptr;
  if (same || nothing_to_enforce) {
    absl::Status status = exchange();
    if (!status.ok()) std::swap(mappings_, mappings);
    return status;
  }
  const bool fewer = mappings.open_size() < mappings_.open_size();
  RETURN_IF_ERROR(EnforceAfter(exchange));
  if (fewer) {
    if (!on_trial()) controller_.EndForbiddenFlows([](const lifecycle::Help&) {});
    poster_.Post([this] { listener_.Expired(); });
  }
  return absl::OkStatus();
}

void RevisionKeeper::EndForbiddenSwitches() {
  const lifecycle::Revision* in_force = lifecycle::InForce(state_);
  if (switches_.items().empty() || in_force == nullptr || on_trial()) return;
  v1::EffectivePolicy pushed;
  if (!pushed.ParseFromString(Find(*in_force)->push.policy())) return;
  // The new policy already makes them ineffective; they must not return with a later policy.
  const std::vector<v1::LocalSwitch> ended = policy::RemoveForbidden(pushed, switches_);
  if (ended.empty()) return;
  if (absl::Status status = disk_.WriteSwitches(switches_); !status.ok()) {
    LogError(status.message());
  }
  for (const v1::LocalSwitch& one : ended) {
    listener_.SwitchEnded(one,
                          policy::PermissionFor(pushed, rules_.HostLocation(pushed), one).reason);
  }
}

}  // namespace firebreak::agent
