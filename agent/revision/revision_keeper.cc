#include "agent/revision/revision_keeper.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/log/log.h"
#include "base/memory/give_back.h"
#include "base/openssl/openssl.h"
#include "base/status/status.h"
#include "base/time/timestamp.h"
#include "policy/compile/check_interfaces.h"
#include "policy/merge/check_effective.h"
#include "policy/merge/profile.h"
#include "policy/resources/elsewhere.h"
#include "policy/ruleset/digest.h"

namespace firebreak::agent {
namespace {

using Clock = EventLoop::Clock;
using policy::kElsewhere;

// On, nothing open, the host's own connections let out.
v1::EffectivePolicy Shut() {
  v1::EffectivePolicy policy;
  policy.set_managed(true);
  policy.add_locations()->set_name(kElsewhere);
  return policy;
}

}  // namespace

RevisionKeeper::RevisionKeeper(StateDirectory& state, EventLoop& loop, Enforcer enforcer,
                               absl::Duration reach_timeout, Outside outside)
    : state_(state),
      loop_(loop),
      reach_timeout_(reach_timeout),
      outside_(std::move(outside)),
      rules_(std::move(enforcer), outside_.locate) {}

RevisionKeeper::~RevisionKeeper() {
  loop_.Cancel(retry_);
  loop_.Cancel(start_retry_);
}

absl::StatusOr<v1::EffectivePolicy> RevisionKeeper::ReadPushed(const v1::Push& push) const {
  if (Sha256(push.policy()) != push.policy_digest()) {
    return absl::DataLossError("the policy does not have the digest that came with it");
  }
  v1::EffectivePolicy policy;
  if (!policy.ParseFromString(push.policy())) {
    return absl::DataLossError("the policy cannot be read");
  }
  RETURN_IF_ERROR(policy::CheckEffective(policy));
  return policy;
}

absl::StatusOr<v1::EffectivePolicy> RevisionKeeper::Read(const v1::Push& push) const {
  absl::StatusOr<v1::EffectivePolicy> policy = ReadPushed(push);
  if (policy.ok()) policy::ApplySwitches(switches_, *policy);
  return policy;
}

v1::EffectivePolicy RevisionKeeper::PolicyInForce() const {
  if (!in_force_.has_value()) return {};
  return Read(*in_force_).value_or(v1::EffectivePolicy());
}

v1::Receipt RevisionKeeper::MakeReceipt(const v1::Push& push, const v1::EffectivePolicy& policy,
                                        const Enforcer::Outcome& outcome) const {
  v1::Receipt receipt;
  receipt.set_revision(push.revision());
  receipt.set_policy_digest(push.policy_digest());
  receipt.set_ruleset_digest(outcome.digest);
  receipt.set_changes(outcome.changes);
  *receipt.mutable_applied_at() = ToTimestamp(absl::Now());
  SetInterfaces(policy, receipt);
  return receipt;
}

void RevisionKeeper::SetInterfaces(const v1::EffectivePolicy& policy, v1::Receipt& receipt) const {
  const std::vector<v1::InterfaceState> states = rules_.States(policy, switches_);
  receipt.mutable_interfaces()->Assign(states.begin(), states.end());
}

std::vector<v1::InterfaceState> RevisionKeeper::InterfaceStates() const {
  return rules_.States(PolicyInForce(), switches_);
}

policy::LocalPermission RevisionKeeper::PermissionFor(const v1::LocalSwitch& wanted) const {
  const v1::EffectivePolicy policy = PolicyInForce();
  if (!policy.managed()) return {.reason = "no policy selects this host: it has no firewall"};
  return policy::PermissionFor(policy, rules_.HostLocation(policy), wanted);
}

absl::Status RevisionKeeper::SetSwitches(v1::LocalSwitches switches) {
  if (!in_force_.has_value()) {
    return absl::FailedPreconditionError("no policy of the fleet is in force on this host");
  }
  RETURN_IF_ERROR(state_.WriteSwitches(switches));
  std::swap(switches_, switches);
  const absl::StatusOr<v1::EffectivePolicy> policy = Read(*in_force_);
  absl::Status status = policy.ok() ? Renew(*policy) : policy.status();
  if (status.ok()) return status;
  std::swap(switches_, switches);
  absl::Status restored = state_.WriteSwitches(switches_);
  // The kernel may have the rules already, if what failed came after them.
  if (const auto before = Read(*in_force_); before.ok()) restored.Update(Renew(*before));
  if (!restored.ok()) LogError(restored.message());
  return status;
}

void RevisionKeeper::EndForbiddenSwitches() {
  if (switches_.items().empty() || !in_force_.has_value()) return;
  const absl::StatusOr<v1::EffectivePolicy> policy = ReadPushed(*in_force_);
  if (!policy.ok()) return;
  // They hold no longer already, and must not come back with a later policy.
  const std::vector<v1::LocalSwitch> ended = policy::TakeForbidden(*policy, switches_);
  if (ended.empty()) return;
  if (absl::Status status = state_.WriteSwitches(switches_); !status.ok()) {
    LogError(status.message());
  }
  for (const v1::LocalSwitch& one : ended) {
    outside_.switch_ended(one,
                          policy::PermissionFor(*policy, rules_.HostLocation(*policy), one).reason);
  }
}

absl::StatusOr<Enforcer::Outcome> RevisionKeeper::EnforcePolicy(const v1::EffectivePolicy& policy,
                                                                bool same) {
  absl::StatusOr<Enforcer::Outcome> outcome = rules_.Enforce(policy);
  if (outcome.ok() && (!same || outcome->changes > 0)) {
    telling_ = &policy;
    outside_.enforced(policy);
    telling_ = nullptr;
  }
  return outcome;
}

absl::StatusOr<Enforcer::Outcome> RevisionKeeper::Enforce(const std::optional<v1::Push>& push,
                                                          bool same) {
  if (!push.has_value()) {
    shut_ = state_.HasGood();
    return EnforcePolicy(shut_ ? Shut() : v1::EffectivePolicy(), same);
  }
  ASSIGN_OR_RETURN(const v1::EffectivePolicy policy, Read(*push));
  return EnforcePolicy(policy, same);
}

// The rules that depend on what holds for the host as a whole.
void RevisionKeeper::FollowHostLocation(const v1::EffectivePolicy& policy) {
  if (rules_.MatchHostLocation(policy)) return;
  const absl::StatusOr<Enforcer::Outcome> outcome = EnforcePolicy(policy, /*same=*/true);
  if (!outcome.ok()) {
    return LogError(absl::StrCat("follow a change of location: ", outcome.status().message()));
  }
  if (trial_.has_value()) {
    trial_->receipt.set_ruleset_digest(outcome->digest);
  } else if (receipt_.has_value()) {
    receipt_->set_ruleset_digest(outcome->digest);
  }
}

void RevisionKeeper::LocationsChanged() {
  if (!in_force_.has_value()) return;
  const absl::StatusOr<v1::EffectivePolicy> policy = Read(*in_force_);
  if (!policy.ok()) return LogError(policy.status().message());
  FollowHostLocation(*policy);
  if (trial_.has_value()) return SetInterfaces(*policy, trial_->receipt);
  if (!receipt_.has_value()) return;
  SetInterfaces(*policy, *receipt_);
  outside_.applied(*receipt_);
}

bool RevisionKeeper::KeepsFlows(const std::string& interface_name,
                                const std::string& location) const {
  v1::EffectivePolicy in_force;
  if (telling_ == nullptr) in_force = PolicyInForce();
  const v1::EffectivePolicy& policy = telling_ != nullptr ? *telling_ : in_force;
  for (const v1::EffectiveLocation& one : policy.locations()) {
    if (one.name() != location) continue;
    for (const policy::Interface& interface : rules_.Interfaces()) {
      if (interface.name != interface_name) continue;
      return policy::ProfileOf(one, interface.name, interface.type).flows.keep_on_demotion();
    }
  }
  return false;
}

absl::Status RevisionKeeper::Take(v1::Push push) {
  if (!push.has_policy()) {
    if (!in_force_.has_value() || in_force_->policy_digest() != push.policy_digest()) {
      return absl::FailedPreconditionError(
          absl::StrCat("revision ", push.revision(), " refers to a policy that is not here"));
    }
    push.set_policy(in_force_->policy());
  }
  if (trial_.has_value() && trial_->receipt.revision() == push.revision() &&
      trial_->receipt.policy_digest() == push.policy_digest()) {
    return absl::OkStatus();  // its answer is on the way
  }
  // Sent before the controller knew of the refusal.
  if (const auto refusal = TakeStandingRefusal();
      refusal.has_value() && refusal->kind() == v1::Refusal::undone &&
      refusal->revision() == push.revision() && refusal->policy_digest() == push.policy_digest()) {
    outside_.refused(*refusal);
    return absl::OkStatus();
  }
  const Clock::time_point arrival = Clock::now();
  const uint64_t revision = push.revision();
  v1::Push failed;
  failed.set_revision(revision);
  failed.set_policy_digest(push.policy_digest());
  std::string at_fault;
  const absl::Status status = Apply(std::move(push), arrival, at_fault);
  if (!status.ok()) {
    Refuse(failed, v1::Refusal::refused, std::string(status.message()), std::move(at_fault));
  }
  GiveBackMemory();
  return absl::OkStatus();
}

absl::Status RevisionKeeper::Apply(v1::Push push, Clock::time_point arrival,
                                   std::string& at_fault) {
  ASSIGN_OR_RETURN(const v1::EffectivePolicy policy, Read(push));
  if (const auto fault = policy::CheckInterfaces(policy, rules_.Interfaces()); fault.has_value()) {
    at_fault = absl::StrCat("Policy/", fault->policy);
    return absl::FailedPreconditionError(fault->reason);
  }
  ASSIGN_OR_RETURN(const ruleset::Ruleset wanted, rules_.Compile(policy));

  // What a failed trial would go back to is what was good before any trial.
  std::optional<v1::Push> good = trial_.has_value() ? trial_->good : in_force_;
  std::optional<v1::Receipt> good_receipt = trial_.has_value() ? trial_->good_receipt : receipt_;
  const std::string good_digest =
      good_receipt.has_value() ? good_receipt->ruleset_digest() : std::string();
  const bool needs_trial = ruleset::Digest(wanted) != good_digest;

  RETURN_IF_ERROR(needs_trial ? state_.WriteTrial(push) : state_.WriteGood(push));
  const absl::StatusOr<Enforcer::Outcome> outcome = EnforcePolicy(policy);
  if (!outcome.ok()) {
    // The kernel still has what it had, but for an error after it took the transaction.
    if (KnowsWhatToEnforce()) {
      if (absl::Status status = Enforce(in_force_).status(); !status.ok()) {
        LogError(status.message());
      }
    }
    // The disk goes back to that.
    absl::Status status;
    if (!needs_trial) {
      if (good.has_value()) status = state_.WriteGood(*good);
    } else {
      status = trial_.has_value() ? state_.WriteTrial(*in_force_) : state_.DeleteTrial();
    }
    if (!status.ok()) LogError(status.message());
    at_fault = rules_.ResourceAtFault(policy, outcome.status());
    return outcome.status();
  }
  v1::Receipt receipt = MakeReceipt(push, policy, *outcome);
  receipt.set_apply_micros(static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - arrival).count()));

  if (!needs_trial) {
    // One that stays is not what the kernel has, and so is no trial for the next start.
    if (absl::Status status = state_.DeleteTrial(); !status.ok()) {
      LogError(status.message());
    }
    in_force_ = std::move(push);
    Settle(std::move(receipt));
    return absl::OkStatus();
  }
  in_force_ = std::move(push);
  BeginTrial(std::move(receipt), std::move(good), std::move(good_receipt));
  return absl::OkStatus();
}

// The revision of the receipt is in force for good.
void RevisionKeeper::Settle(v1::Receipt receipt) {
  loop_.Cancel(std::exchange(retry_, 0));
  trial_.reset();
  ForgetRefusal();
  LogInfo(absl::StrCat("revision ", receipt.revision(), " is in force: ", receipt.changes(),
                       " changes in ", receipt.apply_micros(), " µs"));
  receipt_ = std::move(receipt);
  outside_.applied(*receipt_);
  EndForbiddenSwitches();
}

void RevisionKeeper::ForgetRefusal() {
  blame_until_.reset();
  if (!refusal_.has_value()) return;
  refusal_.reset();
  if (absl::Status status = state_.DeleteRefusal(); !status.ok()) {
    LogError(status.message());
  }
}

void RevisionKeeper::Refuse(const v1::Push& push, v1::Refusal::Kind kind, std::string reason,
                            std::string resource) {
  v1::Refusal refusal;
  refusal.set_revision(push.revision());
  refusal.set_policy_digest(push.policy_digest());
  refusal.set_kind(kind);
  refusal.set_reason(std::move(reason));
  refusal.set_resource(std::move(resource));
  *refusal.mutable_at() = ToTimestamp(absl::Now());
  LogError(absl::StrCat(
      "revision ", refusal.revision(),
      kind == v1::Refusal::undone ? " is undone: " : " is refused: ", refusal.reason()));
  if (absl::Status status = state_.WriteRefusal(refusal); !status.ok()) {
    LogError(status.message());
  }
  refusal_ = std::move(refusal);
  outside_.refused(*refusal_);
}

absl::StatusOr<Enforcer::Outcome> RevisionKeeper::UndoForeignChanges() {
  absl::StatusOr<Enforcer::Outcome> outcome = RestoreRules();
  if (!outcome.ok()) return outcome;
  // An interface that somebody else calls proven is not.
  ASSIGN_OR_RETURN(const uint32_t sets, rules_.kernel().RestoreElements());
  if (sets > 0) {
    outcome->changes += sets;
    outcome->committed_at = Clock::now();
  }
  return outcome;
}

absl::StatusOr<Enforcer::Outcome> RevisionKeeper::RestoreRules() {
  if (!KnowsWhatToEnforce()) return Enforcer::Outcome();
  if (!in_force_.has_value()) return Enforce(in_force_, /*same=*/true);
  absl::StatusOr<Enforcer::Outcome> restored = rules_.kernel().Restore();
  if (absl::IsFailedPrecondition(restored.status())) return Enforce(in_force_, /*same=*/true);
  if (!restored.ok() || restored->changes == 0) return restored;
  const absl::StatusOr<v1::EffectivePolicy> policy = Read(*in_force_);
  if (policy.ok()) outside_.enforced(*policy);
  return restored;
}

void RevisionKeeper::LinksChanged(std::vector<Link> links) {
  const std::vector<policy::Interface> before = rules_.Interfaces();
  rules_.SetLinks(std::move(links));
  if (!in_force_.has_value()) {
    if (!shut_ || rules_.Interfaces() == before) return;
    if (absl::Status status = Enforce(in_force_, /*same=*/true).status(); !status.ok()) {
      LogError(absl::StrCat("follow a change of interfaces: ", status.message()));
    }
    return;
  }
  const absl::StatusOr<v1::EffectivePolicy> policy = Read(*in_force_);
  if (!policy.ok()) return LogError(policy.status().message());
  // Addresses and carriers come and go, and decide only about which of them count.
  if (!behind_links_ && rules_.Interfaces() == before) return FollowHostLocation(*policy);
  const absl::Status status = Renew(*policy);
  behind_links_ = !status.ok();
  if (!status.ok()) {
    LogError(absl::StrCat("follow a change of interfaces: ", status.message()));
  }
}

absl::Status RevisionKeeper::Renew(const v1::EffectivePolicy& policy) {
  ASSIGN_OR_RETURN(const Enforcer::Outcome outcome, EnforcePolicy(policy, /*same=*/true));
  if (trial_.has_value()) {
    trial_->receipt.set_ruleset_digest(outcome.digest);
    SetInterfaces(policy, trial_->receipt);
    return absl::OkStatus();
  }
  if (!receipt_.has_value()) return absl::OkStatus();
  v1::Receipt renewed = MakeReceipt(*in_force_, policy, outcome);
  renewed.set_apply_micros(receipt_->apply_micros());
  *renewed.mutable_applied_at() = receipt_->applied_at();
  receipt_ = std::move(renewed);
  outside_.applied(*receipt_);
  return absl::OkStatus();
}

}  // namespace firebreak::agent
