// The trials of RevisionKeeper: reaching the controller, and going back if it cannot be reached.

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/revision/revision_keeper.h"
#include "base/log/log.h"
#include "base/memory/give_back.h"

namespace firebreak::agent {
namespace {

using Clock = EventLoop::Clock;

// One attempt within a trial: a lost packet must not use up the whole of it.
constexpr absl::Duration kAttempt = absl::Seconds(5);
constexpr auto kBetweenAttempts = std::chrono::milliseconds(250);
constexpr auto kBetweenUndos = std::chrono::seconds(1);

}  // namespace

void RevisionKeeper::BeginTrial(v1::Receipt receipt, std::optional<v1::Push> good,
                                std::optional<v1::Receipt> good_receipt) {
  loop_.Cancel(std::exchange(retry_, 0));
  // Rules that are on trial already get no more time under a new number.
  const bool same_rules =
      trial_.has_value() && trial_->receipt.ruleset_digest() == receipt.ruleset_digest();
  trial_ = Trial{.deadline = same_rules ? trial_->deadline
                                        : Clock::now() + absl::ToChronoNanoseconds(reach_timeout_),
                 .receipt = std::move(receipt),
                 .good = std::move(good),
                 .good_receipt = std::move(good_receipt)};
  TryToReach();
}

void RevisionKeeper::TryToReach() {
  const absl::Duration left = absl::FromChrono(trial_->deadline - Clock::now());
  outside_.reach(trial_->receipt.revision(), std::clamp(left, absl::ZeroDuration(), kAttempt),
                 [this](const absl::Status& status) {
                   if (!trial_.has_value()) return;
                   if (status.ok()) return FinishTrial();
                   if (Clock::now() >= trial_->deadline) return Undo(status);
                   retry_ = loop_.RunAfter(kBetweenAttempts, [this] { TryToReach(); });
                 });
}

void RevisionKeeper::FinishTrial() {
  if (absl::Status status = state_.PromoteTrial(); !status.ok()) {
    // It stays on trial on the disk, which is true enough: the next start tries it again.
    LogError(status.message());
  }
  Settle(std::move(trial_->receipt));
}

void RevisionKeeper::Undo(const absl::Status& last_error) {
  loop_.Cancel(std::exchange(retry_, 0));
  const absl::StatusOr<Enforcer::Outcome> outcome = Enforce(trial_->good);
  if (!outcome.ok()) {
    LogError(absl::StrCat("undo revision ", trial_->receipt.revision(), ": ",
                          outcome.status().message()));
    // It stays a trial until the kernel has let go of it.
    retry_ = loop_.RunAfter(kBetweenUndos, [this, last_error] { Undo(last_error); });
    return;
  }
  Trial trial = *std::move(trial_);
  trial_.reset();
  v1::Push failed;
  failed.set_revision(trial.receipt.revision());
  failed.set_policy_digest(trial.receipt.policy_digest());
  in_force_ = std::move(trial.good);
  receipt_ = std::move(trial.good_receipt);
  // Interfaces may have changed meanwhile.
  if (receipt_.has_value()) receipt_->set_ruleset_digest(outcome->digest);
  if (receipt_.has_value()) SetInterfaces(PolicyInForce(), *receipt_);
  if (absl::Status status = state_.DeleteTrial(); !status.ok()) {
    LogError(status.message());
  }
  blame_until_ = Clock::now() + absl::ToChronoNanoseconds(reach_timeout_);
  Refuse(
      failed, v1::Refusal::undone,
      absl::StrCat("no new connection to the controller could be opened within ",
                   absl::FormatDuration(reach_timeout_), " of applying it: ", last_error.message()),
      "");
  AskWhetherToBlame();
  GiveBackMemory();
}

// If the controller can be reached now, it was the revision that was in the way.
void RevisionKeeper::AskWhetherToBlame() {
  const absl::Duration left = absl::FromChrono(*blame_until_ - Clock::now());
  if (left <= absl::ZeroDuration()) return;
  const auto done = [this](const absl::Status& status) {
    if (!blame_until_.has_value() || trial_.has_value()) return;
    if (status.ok()) return blame_until_.reset();
    retry_ = loop_.RunAfter(kBetweenAttempts, [this] {
      if (blame_until_.has_value()) AskWhetherToBlame();
    });
  };
  outside_.reach(refusal_->revision(), std::min(left, kAttempt), done);
}

std::optional<v1::Refusal> RevisionKeeper::TakeStandingRefusal() {
  if (refusal_.has_value() && blame_until_.has_value() && Clock::now() > *blame_until_) {
    LogInfo(absl::StrCat("the controller could not be reached after revision ",
                         refusal_->revision(), " was undone either; it may be tried again"));
    ForgetRefusal();
  }
  return refusal_;
}

}  // namespace firebreak::agent
