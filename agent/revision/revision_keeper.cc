// SPDX-License-Identifier: Apache-2.0
#include "agent/revision/revision_keeper.h"

#include <algorithm>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "agent/revision/history.h"
#include "base/log/log.h"
#include "base/memory/release.h"
#include "base/openssl/openssl.h"
#include "base/status/status.h"
#include "policy/merge/check_effective.h"
#include "policy/merge/local_mapping.h"
#include "policy/merge/profile.h"
#include "policy/ruleset/digest.h"

namespace firebreak::agent {
namespace {

using Clock = EventLoop::Clock;

absl::StatusOr<v1::EffectivePolicy> ReadPushed(const v1::Push& push) {
  if (Sha256(push.policy()) != push.policy_digest()) {
    return absl::DataLossError("the policy does not match the digest that came with it");
  }
  v1::EffectivePolicy policy;
  if (!policy.ParseFromString(push.policy())) {
    return absl::DataLossError("the policy cannot be read");
  }
  RETURN_IF_ERROR(policy::CheckEffective(policy));
  return policy;
}

}  // namespace

RevisionKeeper::RevisionKeeper(StateDirectory& disk, EventLoop& loop, HostRules& rules,
                               absl::Duration reach_timeout, ControllerReach& controller,
                               RevisionListener& listener)
    : disk_(disk),
      loop_(loop),
      rules_(rules),
      controller_(controller),
      listener_(listener),
      state_(lifecycle::MakeState({.reach_timeout = absl::ToChronoNanoseconds(reach_timeout)},
                                  std::random_device()())),
      policy_(loop),
      poster_(loop) {}

RevisionKeeper::~RevisionKeeper() {
  loop_.Cancel(timer_);
  loop_.Cancel(outdated_timer_);
}

absl::StatusOr<v1::EffectivePolicy> RevisionKeeper::Read(const v1::Push& push) const {
  absl::StatusOr<v1::EffectivePolicy> policy = ReadPushed(push);
  if (policy.ok()) {
    policy::ApplySwitches(switches_, *policy);
    policy::ApplyLocalMappings(mappings_, *policy);
  }
  return policy;
}

const RevisionKeeper::Held* RevisionKeeper::Find(const lifecycle::Revision& revision) const {
  for (const Held& held : held_) {
    if (held.push.revision() == revision.number && held.push.policy_digest() == revision.policy) {
      return &held;
    }
  }
  return nullptr;
}

RevisionKeeper::Held* RevisionKeeper::Find(const lifecycle::Revision& revision) {
  return const_cast<Held*>(std::as_const(*this).Find(revision));
}

RevisionKeeper::Held& RevisionKeeper::Hold(v1::Push push) {
  if (Held* held = Find({push.revision(), push.policy_digest(), ""})) return *held;
  return held_.emplace_back(Held{.push = std::move(push), .receipt = {}});
}

// Forgets the revisions that the state no longer refers to.
void RevisionKeeper::LetGo() {
  std::vector<const Held*> wanted;
  const auto want = [&](const lifecycle::Revision* revision) {
    if (revision != nullptr) wanted.push_back(Find(*revision));
  };
  want(lifecycle::InForce(state_));
  want(lifecycle::LastGood(state_));
  want(lifecycle::FallbackOf(state_));
  if (state_.change.has_value()) want(&state_.change->revision);
  if (const auto* undoing = std::get_if<lifecycle::Undoing>(&state_.standing)) {
    want(&undoing->failed);
  }
  if (const auto* starting = std::get_if<lifecycle::Starting>(&state_.standing);
      starting != nullptr && starting->dropped.has_value()) {
    want(&starting->dropped->revision);
  }
  if (state_.failed.has_value() && state_.failed->next != lifecycle::Failed::Next::kNothing) {
    want(&state_.failed->revision);
  }
  held_.remove_if([&](const Held& held) {
    return std::find(wanted.begin(), wanted.end(), &held) == wanted.end();
  });
}

std::optional<lifecycle::Revision> RevisionKeeper::HoldFromDisk(std::optional<v1::Push> push) {
  if (!push.has_value()) return std::nullopt;
  absl::StatusOr<v1::EffectivePolicy> policy = Read(*push);
  if (!policy.ok()) {
    LogError(absl::StrCat("ignored: revision ", push->revision(),
                          " from the disk: ", policy.status().message()));
    return std::nullopt;
  }
  lifecycle::Revision revision = {push->revision(), push->policy_digest(), ""};
  if (absl::Status status = PrepareCompiled(revision, *std::move(policy), std::nullopt);
      !status.ok()) {
    LogError(
        absl::StrCat("ignored: revision ", push->revision(), " from the disk: ", status.message()));
    return std::nullopt;
  }
  Hold(*std::move(push));
  return revision;
}

lifecycle::Found::Kernel RevisionKeeper::CompareKernel(const lifecycle::Revision& trial) {
  using Kernel = lifecycle::Found::Kernel;
  const absl::StatusOr<ruleset::Ruleset> kernel = rules_.Read();
  if (!kernel.ok()) LogError(kernel.status().message());
  if (!kernel.ok() || kernel->empty()) return Kernel::kNoRules;
  return ruleset::Digest(*kernel) == trial.rules ? Kernel::kTrial : Kernel::kOther;
}

void RevisionKeeper::FindFallback(lifecycle::Found& found) {
  const std::optional<v1::Fallback> kept = disk_.ReadFallback();
  if (!kept.has_value()) return;
  found.fallback = lifecycle::Shut();
  found.help.assign(kept->unproven().begin(), kept->unproven().end());
  // The reason is missing if the file is damaged.
  if (found.help.empty()) found.help.push_back("what an earlier agent has found");
  v1::Push push;
  if (kept->push().empty() || !push.ParseFromString(kept->push())) return;
  if (auto revision = HoldFromDisk(std::move(push)); revision.has_value()) {
    found.fallback = lifecycle::Good{*std::move(revision)};
  }
}

void RevisionKeeper::ReadSwitches() {
  absl::StatusOr<v1::LocalSwitches> switches = disk_.ReadSwitches();
  if (switches.ok()) {
    switches_ = *std::move(switches);
    return;
  }
  poster_.Post(
      [this, why = std::string(switches.status().message())] { listener_.SwitchesLost(why); });
  // Written empty, so that the next start does not report the loss again.
  if (absl::Status status = disk_.WriteSwitches({}); !status.ok()) LogError(status.message());
}

absl::Status RevisionKeeper::Start(std::vector<Link> links, bool standalone) {
  standalone_ = standalone;
  rules_.SetLinks(std::move(links));
  ReadSwitches();
  // Locations that an earlier agent has proven are no longer trusted.
  if (absl::Status status = rules_.EmptyLocations(); !status.ok()) LogError(status.message());

  lifecycle::Found found;
  if (standalone) {
    // Without a controller no revision can be in doubt.
    if (absl::Status status = disk_.DeleteFallback(); !status.ok()) LogError(status.message());
  } else {
    FindFallback(found);
  }
  std::optional<v1::Push> trial = disk_.ReadTrial();
  found.trial_by_person = trial.has_value() && IsStandalone(*trial);
  found.trial = HoldFromDisk(std::move(trial));
  // Prepared last, so that the good revision stays prepared, which is usually the one to enforce.
  std::optional<v1::Push> good = disk_.ReadGood();
  const bool of_others = good.has_value() && IsStandalone(*good) != standalone;
  found.good = HoldFromDisk(std::move(good));
  found.has_good_file = disk_.HasGood();
  if (found.trial.has_value() || (found.has_good_file && !found.good.has_value())) {
    found.kernel = CompareKernel(found.trial.value_or(lifecycle::Revision()));
  }
  refusal_ = disk_.ReadRefusal();
  // The previous agent's retries ended with that agent; the controller will send such a revision
  // again. A refused revision is forgotten too, because this agent may be newer and able to apply
  // it. If this agent refuses it again, nothing has been enforced.
  if (refusal_.has_value() &&
      (of_others || refusal_->trying_again() || refusal_->kind() == v1::Refusal::refused)) {
    refusal_.reset();
  }
  if (refusal_.has_value()) {
    found.failed =
        lifecycle::Failed{.revision = {refusal_->revision(), refusal_->policy_digest(), ""},
                          .failure = {.kind = refusal_->kind() == v1::Refusal::undone
                                                  ? lifecycle::Failure::Kind::kUndone
                                                  : lifecycle::Failure::Kind::kRefused,
                                      .reason = refusal_->reason(),
                                      .resource = refusal_->resource(),
                                      .final = true}};
  }
  Handle(std::move(found));

  if (on_trial()) {
    LogInfo(absl::StrCat("revision ", RevisionInForce(),
                         " is in force and on trial, as it was when the agent ended"));
    if (const lifecycle::Revision* good = lifecycle::LastGood(state_)) {
      NoteInReceipt(*good, {.digest = good->rules});
    }
  } else if (const auto receipt = this->receipt(); receipt.has_value()) {
    LogInfo(absl::StrCat("revision ", receipt->revision(), " from the disk is in force",
                         receipt->changes() == 0 ? ", as the kernel had it" : "", " (",
                         receipt->changes(), " changes)"));
  } else if (const lifecycle::Base* base = lifecycle::StartingFrom(state_);
             std::holds_alternative<lifecycle::Shut>(state_.standing) ||
             (base != nullptr && std::holds_alternative<lifecycle::Shut>(*base))) {
    LogError(
        "the policy on the disk cannot be read: the host lets nothing in until it gets another "
        "policy");
  }
  return std::holds_alternative<lifecycle::Starting>(state_.standing) ? enforced_
                                                                      : absl::OkStatus();
}

absl::Status RevisionKeeper::Take(v1::Push push) {
  if (!push.has_policy()) {
    const lifecycle::Revision* in_force = lifecycle::InForce(state_);
    if (in_force == nullptr || in_force->policy != push.policy_digest()) {
      return absl::FailedPreconditionError(
          absl::StrCat("revision ", push.revision(), " refers to a policy that is not here"));
    }
    push.set_policy(Find(*in_force)->push.policy());
  }
  Handle(Prepare(Hold(std::move(push)).push, /*again=*/false));
  ReleaseFreeMemory();
  return absl::OkStatus();
}

void RevisionKeeper::TakeOwn(v1::Push push, const lifecycle::Proof& proof) {
  Handle(Prepare(Hold(std::move(push)).push, /*again=*/false, proof));
  ReleaseFreeMemory();
}

std::optional<absl::Duration> RevisionKeeper::UntilConfirmed() const {
  const auto until = lifecycle::ConfirmUntil(state_);
  if (!until.has_value()) return std::nullopt;
  return std::max(absl::FromChrono(*until - Clock::now()), absl::ZeroDuration());
}

bool RevisionKeeper::IsStandaloneInForce() const {
  const lifecycle::Revision* in_force = lifecycle::InForce(state_);
  const Held* held = in_force != nullptr ? Find(*in_force) : nullptr;
  return held != nullptr && IsStandalone(held->push);
}

void RevisionKeeper::Handle(lifecycle::Event event) {
  std::optional<lifecycle::Event> happened = std::move(event);
  while (happened.has_value()) {
    lifecycle::Next next = lifecycle::Step(std::move(state_), *happened, Clock::now());
    state_ = std::move(next.state);
    happened.reset();
    for (const lifecycle::Action& action : next.actions) {
      // An action with an awaited outcome is always the last one.
      happened = Perform(action);
    }
  }
  prepared_.reset();
  LetGo();
  SetTimer();
}

void RevisionKeeper::SetTimer() {
  loop_.Cancel(std::exchange(timer_, 0));
  const std::optional<Clock::time_point> at = lifecycle::WakeAt(state_);
  if (!at.has_value()) return;
  timer_ = loop_.RunAt(*at, [this] {
    timer_ = 0;
    Handle(lifecycle::Tick());
  });
}

std::optional<v1::Receipt> RevisionKeeper::receipt() const {
  if (std::holds_alternative<lifecycle::Starting>(state_.standing)) return std::nullopt;
  const lifecycle::Revision* good = lifecycle::LastGood(state_);
  const Held* held = good != nullptr ? Find(*good) : nullptr;
  if (held == nullptr || held->receipt.revision() == 0) return std::nullopt;
  return held->receipt;
}

uint64_t RevisionKeeper::RevisionInForce() const {
  const lifecycle::Revision* in_force = lifecycle::InForce(state_);
  return in_force != nullptr ? in_force->number : 0;
}

std::vector<v1::InterfaceState> RevisionKeeper::InterfaceStates() const {
  return rules_.States(policy_.Get(), switches_);
}

void RevisionKeeper::LocationsChanged() {
  if (lifecycle::InForce(state_) == nullptr) return;
  FollowHostLocation();
  UpdateReceipt();
}

bool RevisionKeeper::KeepsFlows(const std::string& interface_name,
                                const std::string& location) const {
  for (const v1::EffectiveLocation& one : policy_.Get().locations()) {
    if (one.name() != location) continue;
    for (const policy::Interface& interface : rules_.Interfaces()) {
      if (interface.name != interface_name) continue;
      return policy::ProfileOf(one, interface.name, interface.type).flows.keep_on_demotion();
    }
  }
  return false;
}

}  // namespace firebreak::agent
