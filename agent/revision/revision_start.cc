// The start of RevisionKeeper: what the disk has comes into force.

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/revision/revision_keeper.h"
#include "base/log/log.h"
#include "base/status/status.h"
#include "policy/ruleset/digest.h"

namespace firebreak::agent {
namespace {

constexpr auto kMaxStartWait = std::chrono::seconds(60);

}  // namespace

std::optional<RevisionKeeper::Kept> RevisionKeeper::IfItCanBeRead(
    std::optional<v1::Push> push) const {
  if (!push.has_value()) return std::nullopt;
  absl::StatusOr<v1::EffectivePolicy> policy = Read(*push);
  if (!policy.ok()) {
    LogError(absl::StrCat("ignored: revision ", push->revision(),
                          " from the disk: ", policy.status().message()));
    return std::nullopt;
  }
  return Kept{*std::move(push), *std::move(policy)};
}

absl::Status RevisionKeeper::Start(std::vector<Link> links) {
  rules_.SetLinks(std::move(links));
  refusal_ = state_.ReadRefusal();
  switches_ = state_.ReadSwitches();
  // What an agent before this one knew of locations counts no longer.
  if (absl::Status status = rules_.kernel().EmptyStateSets(); !status.ok()) {
    LogError(status.message());
  }
  std::optional<Kept> good = IfItCanBeRead(state_.ReadGood());
  std::optional<Kept> trial = IfItCanBeRead(state_.ReadTrial());

  if (trial.has_value()) {
    const absl::StatusOr<ruleset::Ruleset> kernel = rules_.kernel().Read();
    if (!kernel.ok()) LogError(kernel.status().message());
    const absl::StatusOr<ruleset::Ruleset> on_trial = rules_.Compile(trial->policy);
    if (!on_trial.ok()) LogError(on_trial.status().message());
    // No rules at all are what a reboot leaves, even if the trial wants none. With nothing good to
    // go back to, those in the kernel are the trial's, even if interfaces have changed since: they
    // must not stay without having been proven.
    if (kernel.ok() && !kernel->empty() &&
        (!good.has_value() ||
         (on_trial.ok() && ruleset::Digest(*kernel) == ruleset::Digest(*on_trial)))) {
      absl::Status status = GoOnWithTrial(*std::move(trial), good);
      if (status.ok()) return status;
      LogError(absl::StrCat("go on with the trial: ", status.message()));
    }
    // One that stays is not what the kernel has, and so is no trial for the next start.
    if (absl::Status status = state_.DeleteTrial(); !status.ok()) {
      LogError(status.message());
    }
    if (!good.has_value() && !state_.HasGood()) return Enforce(std::nullopt).status();
  }

  if (good.has_value()) {
    in_force_ = std::move(good->push);
    return EnforceFromDisk(&good->policy);
  }
  if (!state_.HasGood()) return absl::OkStatus();
  // What the kernel still has is better than anything that could be made up.
  const absl::StatusOr<ruleset::Ruleset> kernel = rules_.kernel().Read();
  if (kernel.ok() && !kernel->empty()) return absl::OkStatus();
  LogError(
      "the policy on the disk cannot be read: nothing is open until the controller sends another");
  return EnforceFromDisk(nullptr);
}

absl::Status RevisionKeeper::GoOnWithTrial(Kept trial, const std::optional<Kept>& good) {
  ASSIGN_OR_RETURN(const Enforcer::Outcome outcome, EnforcePolicy(trial.policy));
  LogInfo(absl::StrCat("revision ", trial.push.revision(),
                       " is in force and on trial, as it was when the agent ended"));
  std::optional<v1::Push> fallback;
  if (good.has_value()) {
    ASSIGN_OR_RETURN(const ruleset::Ruleset before, rules_.Compile(good->policy));
    receipt_ = MakeReceipt(good->push, good->policy, {.digest = ruleset::Digest(before)});
    fallback = good->push;
  }
  v1::Receipt receipt = MakeReceipt(trial.push, trial.policy, outcome);
  in_force_ = std::move(trial.push);
  BeginTrial(std::move(receipt), std::move(fallback), receipt_);
  return absl::OkStatus();
}

// What the disk says is to be in force, as soon as the kernel takes it: no controller may be near.
absl::Status RevisionKeeper::EnforceFromDisk(const v1::EffectivePolicy* policy) {
  const absl::StatusOr<Enforcer::Outcome> outcome =
      policy != nullptr ? EnforcePolicy(*policy) : Enforce(std::nullopt);
  if (!outcome.ok()) {
    start_retry_ = loop_.RunAfter(start_wait_, [this] {
      // Something newer may have come.
      if (trial_.has_value() || receipt_.has_value()) return;
      absl::Status status;
      if (!in_force_.has_value()) {
        status = EnforceFromDisk(nullptr);
      } else if (const auto policy = Read(*in_force_); policy.ok()) {
        status = EnforceFromDisk(&*policy);
      } else {
        status = policy.status();
      }
      if (!status.ok()) return LogError(status.message());
      if (receipt_.has_value()) outside_.applied(*receipt_);
    });
    start_wait_ = std::min(2 * start_wait_, kMaxStartWait);
    return outcome.status();
  }
  if (policy == nullptr) return absl::OkStatus();
  LogInfo(absl::StrCat("revision ", in_force_->revision(), " from the disk is in force",
                       outcome->changes == 0 ? ", as the kernel had it" : "", " (",
                       outcome->changes, " changes)"));
  receipt_ = MakeReceipt(*in_force_, *policy, *outcome);
  return absl::OkStatus();
}

}  // namespace firebreak::agent
