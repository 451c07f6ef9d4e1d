// SPDX-License-Identifier: Apache-2.0

// Performs the actions that the lifecycle of revisions decides.

#include <netinet/in.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "agent/revision/history.h"
#include "agent/revision/revision_keeper.h"
#include "base/log/log.h"
#include "base/memory/release.h"
#include "base/status/status.h"
#include "base/time/timestamp.h"
#include "policy/compile/allowance.h"
#include "policy/compile/check_interfaces.h"
#include "policy/hardening/stack_bytes.h"
#include "policy/merge/lets_out.h"
#include "policy/merge/local_mapping.h"
#include "policy/merge/profile.h"
#include "policy/resources/elsewhere.h"
#include "policy/ruleset/digest.h"

namespace firebreak::agent {
namespace {

using Clock = EventLoop::Clock;
using lifecycle::Event;
using lifecycle::Failure;

// Returns a policy that opens nothing and lets out the host's own connections.
v1::EffectivePolicy ShutPolicy() {
  v1::EffectivePolicy policy;
  policy.set_managed(true);
  policy.add_locations()->set_name(policy::kElsewhere);
  return policy;
}

// Whether the kernel would refuse the same rules again.
bool IsFinal(const absl::Status& refused) {
  switch (refused.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kUnimplemented:
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kInternal: return true;
    default: return false;
  }
}

void LogIfFailed(const absl::Status& status) {
  if (!status.ok()) LogError(status.message());
}

}  // namespace

std::optional<Event> RevisionKeeper::Perform(const lifecycle::Action& action) {
  return std::visit([this](const auto& one) { return Do(one); }, action);
}

Event RevisionKeeper::Prepare(const v1::Push& push, bool again, const lifecycle::Proof& proof) {
  const Clock::time_point arrival = Clock::now();
  lifecycle::Revision revision = {push.revision(), push.policy_digest(), ""};
  absl::StatusOr<v1::EffectivePolicy> policy = Read(push);
  if (!policy.ok()) {
    return lifecycle::Rejected{
        std::move(revision), {.reason = std::string(policy.status().message())}, again};
  }
  const lifecycle::Revision* in_force = lifecycle::InForce(state_);
  if (const Held* held = in_force != nullptr ? Find(*in_force) : nullptr; held != nullptr) {
    if (absl::Status status = CheckNotOlder(held->push, push); !status.ok()) {
      return lifecycle::Rejected{
          std::move(revision), {.reason = std::string(status.message())}, again};
    }
  }
  if (const auto fault = policy::CheckInterfaces(*policy, rules_.Interfaces()); fault.has_value()) {
    return lifecycle::Rejected{std::move(revision),
                               {.reason = fault->reason,
                                .resource = absl::StrCat("Policy/", fault->policy),
                                .final = proof.by != lifecycle::Proof::By::kController},
                               again};
  }
  if (absl::Status status = PrepareCompiled(revision, *std::move(policy), arrival); !status.ok()) {
    return lifecycle::Rejected{
        std::move(revision),
        {.reason = std::string(status.message()), .resource = policy::MappingAtFault(status)},
        again};
  }
  return lifecycle::Pushed{std::move(revision), again, proof};
}

absl::Status RevisionKeeper::PrepareCompiled(lifecycle::Revision& revision,
                                             v1::EffectivePolicy policy,
                                             std::optional<Clock::time_point> arrival) {
  absl::StatusOr<ruleset::Ruleset> compiled = rules_.Compile(policy);
  if (!compiled.ok() && policy::RemoveLocalMappings(policy)) {
    // Mappings that the host itself has opened must not prevent the fleet's policy.
    const std::string why(compiled.status().message());
    compiled = rules_.Compile(policy);
    if (compiled.ok()) poster_.Post([this, why] { listener_.MappingsLeftOut(why); });
  }
  RETURN_IF_ERROR(compiled.status());
  ruleset::Ruleset rules = *std::move(compiled);
  revision.rules = ruleset::Digest(rules);
  revision.stack = policy::StackBytes(policy);
  prepared_ = Prepared{revision, std::move(policy), std::move(rules), arrival};
  return absl::OkStatus();
}

absl::Status RevisionKeeper::WriteTo(lifecycle::File file, const lifecycle::Revision& revision) {
  const v1::Push& push = Find(revision)->push;
  return file == lifecycle::File::kTrial ? disk_.WriteTrial(push) : disk_.WriteGood(push);
}

std::optional<Event> RevisionKeeper::Do(const lifecycle::Write& action) {
  lifecycle::Written written;
  if (absl::Status status = WriteTo(action.file, action.revision); !status.ok()) {
    written.failure = Failure{.reason = std::string(status.message()), .final = false};
  }
  return written;
}

std::optional<Event> RevisionKeeper::Do(const lifecycle::Rewrite& action) {
  LogIfFailed(WriteTo(action.file, action.revision));
  return std::nullopt;
}

std::optional<Event> RevisionKeeper::Do(const lifecycle::PromoteTrial&) {
  // If this fails, the revision stays a trial on the disk and is tried again at the next start.
  LogIfFailed(disk_.PromoteTrial());
  return std::nullopt;
}

std::optional<Event> RevisionKeeper::Do(const lifecycle::DeleteTrial&) {
  LogIfFailed(disk_.DeleteTrial());
  return std::nullopt;
}

std::optional<Event> RevisionKeeper::Do(const lifecycle::KeepFallback& action) {
  v1::Fallback fallback;
  const auto* good = std::get_if<lifecycle::Good>(&action.base);
  if (good != nullptr) fallback.set_push(Find(good->revision)->push.SerializeAsString());
  fallback.set_shut(good == nullptr);
  fallback.mutable_unproven()->Assign(action.help.begin(), action.help.end());
  LogWarning("kept as the fallback until the controller can be reached without the help of ",
             absl::StrJoin(action.help, ", of "), ": ",
             good != nullptr ? absl::StrCat("revision ", good->revision.number)
                             : "rules that open nothing");
  LogIfFailed(disk_.WriteFallback(fallback));
  return std::nullopt;
}

std::optional<Event> RevisionKeeper::Do(const lifecycle::TakeFallback&) {
  LogIfFailed(disk_.TakeFallback());
  return std::nullopt;
}

std::optional<Event> RevisionKeeper::Do(const lifecycle::DeleteFallback&) {
  LogIfFailed(disk_.DeleteFallback());
  return std::nullopt;
}

// Enforces the target, whose policy is in force afterwards.
absl::StatusOr<Enforcer::Outcome> RevisionKeeper::EnforceTarget(const Target& target) {
  v1::EffectivePolicy policy;
  absl::StatusOr<Enforcer::Outcome> outcome;
  const auto* revision = std::get_if<lifecycle::Revision>(&target);
  if (revision != nullptr && prepared_.has_value() && prepared_->revision.IsPushOf(*revision)) {
    policy = std::move(prepared_->policy);
    outcome = rules_.Enforce(policy, prepared_->rules);
    if (!outcome.ok()) prepared_->policy = std::move(policy);
  } else {
    if (revision != nullptr) {
      ASSIGN_OR_RETURN(policy, Read(Find(*revision)->push));
    } else if (std::holds_alternative<lifecycle::Shut>(target)) {
      policy = ShutPolicy();
    }
    ASSIGN_OR_RETURN(const ruleset::Ruleset rules, rules_.Compile(policy));
    outcome = rules_.Enforce(policy, rules);
  }
  enforced_ = outcome.status();
  SetOutdatedTimer();
  RETURN_IF_ERROR(enforced_);
  policy_.Set(std::move(policy));
  TellEnforced();
  return outcome;
}

std::optional<Event> RevisionKeeper::Do(const lifecycle::Enforce& action) {
  const absl::StatusOr<Enforcer::Outcome> outcome = EnforceTarget(action.target);
  const auto* revision = std::get_if<lifecycle::Revision>(&action.target);
  const bool prepared =
      revision != nullptr && prepared_.has_value() && prepared_->revision.IsPushOf(*revision);
  lifecycle::Enforced enforced;
  if (outcome.ok()) {
    enforced.rules = outcome->digest;
    if (revision != nullptr) NoteInReceipt(*revision, *outcome);
    ReleaseFreeMemory();
    return enforced;
  }
  LogError(absl::StrCat("enforce ",
                        revision != nullptr ? absl::StrCat("revision ", revision->number)
                                            : "the rules from before the first revision",
                        ": ", outcome.status().message()));
  enforced.failure = Failure{
      .reason = std::string(outcome.status().message()),
      .resource = prepared ? rules_.ResourceAtFault(prepared_->policy, outcome.status()) : "",
      .final = IsFinal(outcome.status())};
  return enforced;
}

void RevisionKeeper::NoteInReceipt(const lifecycle::Revision& revision,
                                   const Enforcer::Outcome& outcome) {
  v1::Receipt& receipt = Find(revision)->receipt;
  // A restored revision keeps the time and figures of when it was applied.
  if (receipt.revision() == 0) {
    receipt.set_revision(revision.number);
    receipt.set_policy_digest(revision.policy);
    if (const v1::Push& push = Find(revision)->push; push.has_history()) {
      *receipt.mutable_history() = push.history();
    }
    receipt.set_changes(outcome.changes);
    *receipt.mutable_applied_at() = ToTimestamp(absl::Now());
    if (prepared_.has_value() && prepared_->revision.IsPushOf(revision) &&
        prepared_->arrival.has_value()) {
      receipt.set_apply_micros(static_cast<uint64_t>(
          std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - *prepared_->arrival)
              .count()));
    }
  }
  receipt.set_ruleset_digest(outcome.digest);
  Describe(receipt);
}

std::optional<Event> RevisionKeeper::Do(const lifecycle::EndForbiddenFlows&) {
  // Posted, so that listeners, which put the locations' leases into the new rules, are called
  // first. A newer call makes the outcome of this one obsolete.
  poster_.Post([this, look = ++flow_looks_] {
    controller_.EndForbiddenFlows([this, look](lifecycle::Help help) {
      if (disk_.ClockWasWrong() && !LetsAskForTime()) {
        help.push_back("a clock that is right at present (the rules let nobody ask for the time)");
      }
      if (LetsReachForNow()) {
        help.push_back("a mapping that expires (no other lets this host out to its controller)");
      }
      if (look == flow_looks_) Handle(lifecycle::FlowsEnded{std::move(help)});
    });
  });
  return std::nullopt;
}

bool RevisionKeeper::AtAnyInterface(
    const std::function<bool(const policy::Profile&)>& holds) const {
  const v1::EffectivePolicy& policy = policy_.Get();
  const v1::EffectiveLocation& location = rules_.HostLocation(policy);
  const std::vector<policy::Interface> interfaces = rules_.Interfaces();
  return std::any_of(interfaces.begin(), interfaces.end(), [&](const policy::Interface& one) {
    return one.type != "loopback" && holds(policy::ProfileOf(location, one.name, one.type));
  });
}

bool RevisionKeeper::LetsAskForTime() const {
  constexpr uint16_t kNtp = 123;
  if (!policy_.Get().managed() || rules_.Interfaces().empty()) return true;
  return AtAnyInterface(
      [](const policy::Profile& profile) { return policy::LetsOut(profile, IPPROTO_UDP, kNtp); });
}

bool RevisionKeeper::LetsReachForNow() const {
  const uint16_t port = controller_.Port();
  if (!policy_.Get().managed() || port == 0) return false;
  return AtAnyInterface([port](const policy::Profile& profile) {
           return policy::LetsOutForNow(profile, IPPROTO_TCP, port);
         }) &&
         !AtAnyInterface([port](const policy::Profile& profile) {
           return policy::LetsOut(profile, IPPROTO_TCP, port);
         });
}

std::optional<Event> RevisionKeeper::Do(const lifecycle::Reach& action) {
  controller_.Reach(action.revision, absl::FromChrono(action.timeout),
                    [this](lifecycle::Reached reached) { Handle(std::move(reached)); });
  return std::nullopt;
}

std::optional<Event> RevisionKeeper::Do(const lifecycle::StopReaching&) {
  controller_.StopReaching();
  return std::nullopt;
}

std::optional<Event> RevisionKeeper::Do(const lifecycle::TryAgain& action) {
  LogInfo(absl::StrCat("revision ", action.revision.number, " is tried again"));
  Held* const held = Find(action.revision);
  held->receipt.Clear();
  return Prepare(held->push, /*again=*/true);
}

std::optional<Event> RevisionKeeper::Do(const lifecycle::TellApplied& action) {
  v1::Receipt& receipt = Find(action.revision)->receipt;
  LogInfo(absl::StrCat("revision ", receipt.revision(), " is in force: ", receipt.changes(),
                       " changes in ", receipt.apply_micros(), " µs"));
  Describe(receipt);
  poster_.Post([this, receipt] { listener_.Applied(receipt); });
  // Only when the revision counts as good.
  poster_.Post([this] { EndForbiddenSwitches(); });
  return std::nullopt;
}

std::optional<Event> RevisionKeeper::Do(const lifecycle::TellRefused& action) {
  const bool undone = action.failure.kind == Failure::Kind::kUndone;
  if (const Held* held = Find(action.revision);
      held != nullptr && IsStandalone(held->push) && !standalone_) {
    // The host's present controller does not know such a revision.
    LogWarning(absl::StrCat("revision ", action.revision.number, ", which this host made when it ",
                            "had no controller, is not in force: ", action.failure.reason));
    return std::nullopt;
  }
  v1::Refusal refusal;
  refusal.set_revision(action.revision.number);
  refusal.set_policy_digest(action.revision.policy);
  refusal.set_kind(undone ? v1::Refusal::undone : v1::Refusal::refused);
  refusal.set_reason(action.failure.reason);
  refusal.set_resource(action.failure.resource);
  refusal.set_trying_again(!action.failure.final);
  *refusal.mutable_at() = ToTimestamp(absl::Now());
  LogError(absl::StrCat("revision ", refusal.revision(), undone ? " is undone" : " is refused",
                        refusal.trying_again() ? " for now: " : ": ", refusal.reason()));
  LogIfFailed(disk_.WriteRefusal(refusal));
  refusal_ = std::move(refusal);
  poster_.Post([this, told = *refusal_] { listener_.Refused(told); });
  return std::nullopt;
}

std::optional<Event> RevisionKeeper::Do(const lifecycle::ForgetRefusal&) {
  refusal_.reset();
  LogIfFailed(disk_.DeleteRefusal());
  return std::nullopt;
}

void RevisionKeeper::TellEnforced() {
  poster_.Post([this] { listener_.Enforced(policy_.Get()); });
}

}  // namespace firebreak::agent
