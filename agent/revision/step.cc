// SPDX-License-Identifier: Apache-2.0

// Decides what each event does to the state of a host's revisions.

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/revision/base.h"
#include "agent/revision/lifecycle.h"

namespace firebreak::agent::lifecycle {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// The longest attempt within a trial. A trial has several attempts, so that a lost packet does not
// use up the whole trial.
constexpr Duration kAttempt = seconds(5);
constexpr Duration kShortestAttempt = milliseconds(50);
constexpr Duration kBetweenAttempts = milliseconds(250);
// If the end of an attempt is noticed this much later than its limit, the attempt proves only that
// this agent did not run. After kMaxStalled such attempts in a row, the silence counts all the
// same.
constexpr Duration kLate = seconds(2);
constexpr int kMaxStalled = 3;
// The time for ending the flows that a trial's rules forbid.
constexpr Duration kEndingFlows = seconds(10);
// The pause before the first retry of a revision that was undone.
constexpr Duration kSoon = seconds(1);

Standing StandingOn(const Base& base) {
  return std::visit([](const auto& one) { return Standing(one); }, base);
}

// After another revision has been tried, the rules that the kernel had kept are gone.
Base AfterUndo(const Base& base) {
  return std::holds_alternative<Kept>(base) ? Base(Shut()) : base;
}

class Transition {
 public:
  Transition(State state, Time now) : now_(now) { next_.state = std::move(state); }

  Next Take(const Event& event) {
    std::visit([this](const auto& one) { On(one); }, event);
    return std::move(next_);
  }

 private:
  State& state() { return next_.state; }
  void Do(Action action) { next_.actions.push_back(std::move(action)); }
  Time After(Backoff& backoff) {
    return now_ + absl::ToChronoNanoseconds(backoff.Next(state().random));
  }
  // Returns when the controller may be asked again.
  Time Later(const Reached& reached) {
    if (reached.retry_after <= Duration::zero()) return After(state().asking);
    // The random addition spreads hosts that were told to wait at the same moment.
    const auto more = std::uniform_int_distribution<Duration::rep>(
        0, reached.retry_after.count())(state().random);
    return now_ + reached.retry_after + Duration(more);
  }
  template <typename T>
  T* Is() {
    return std::get_if<T>(&state().standing);
  }

  void On(const Found& found) {
    state().failed = found.failed;
    Base base = Nothing();
    if (found.good.has_value()) {
      base = Good{*found.good};
    } else if (found.has_good_file) {
      base = Shut();
    }
    if (!found.trial.has_value()) {
      if (std::holds_alternative<Nothing>(base)) return;
      // The rules that the kernel still has are better than any that the agent could make up.
      const bool keep =
          std::holds_alternative<Shut>(base) && found.kernel != Found::Kernel::kNoRules;
      if (keep) {
        state().standing = Kept();
      } else {
        Start(base);
      }
      return;
    }
    // A kernel without rules means a reboot, even if the trial wants no rules. If there is no good
    // revision to go back to, the rules in the kernel are the trial's, even if interfaces have
    // changed since; these rules must not stay without proof.
    if (found.kernel != Found::Kernel::kNoRules &&
        (!found.good.has_value() || found.kernel == Found::Kernel::kTrial)) {
      state().standing = Starting{base, now_, std::nullopt};
      state().change = Change{*found.trial, true, Change::Stage::kResuming};
      return Do(Enforce{*found.trial});
    }
    // If the deletion fails, the file differs from the kernel, and the next start does not take it
    // for a trial.
    Do(DeleteTrial());
    Start(base);
  }

  void Start(const Base& base) {
    state().standing = Starting{base, now_, std::nullopt};
    Do(Enforce{TargetOf(base)});
  }

  // Whether the push needs only an answer, which has been given or will be given.
  bool IsAnswered(const Revision& revision, bool again) {
    if (again) return false;
    if (const Trial* trial = Is<Trial>()) return trial->revision.IsPushOf(revision);
    if (const Undoing* undoing = Is<Undoing>()) return undoing->failed.IsPushOf(revision);
    if (const Starting* starting = Is<Starting>()) {
      // The outcome of either revision is reported as soon as the kernel takes the base.
      if (starting->dropped.has_value() && starting->dropped->revision.IsPushOf(revision)) {
        return true;
      }
      const Good* good = std::get_if<Good>(&starting->base);
      return good != nullptr && good->revision.IsPushOf(revision);
    }
    if (const Good* good = Is<Good>(); good != nullptr && good->revision.IsPushOf(revision)) {
      Do(TellApplied{good->revision});
      return true;
    }
    const std::optional<Failed>& failed = state().failed;
    if (!failed.has_value() || !failed->revision.IsPushOf(revision)) return false;
    if (failed->failure.kind != Failure::Kind::kUndone) return false;
    if (!failed->failure.final && failed->next == Failed::Next::kNothing) return false;
    // The controller sent the push before it knew of the failure.
    Do(TellRefused{failed->revision, failed->failure});
    return true;
  }

  void Supersede(const Revision& revision) {
    std::optional<Failed>& failed = state().failed;
    if (!failed.has_value()) return;
    failed->next = Failed::Next::kNothing;
    failed->asked.reset();
    if (failed->revision.IsPushOf(revision)) return;
    state().applying.Reset();
    state().trying.Reset();
  }

  void On(const Pushed& pushed) {
    if (IsAnswered(pushed.revision, pushed.again)) return;
    Supersede(pushed.revision);
    const Base base = BaseOf(state().standing);
    const Good* good = std::get_if<Good>(&base);
    const bool proven = good != nullptr && (good->revision.rules == pushed.revision.rules ||
                                            good->revision.IsPushOf(pushed.revision));
    state().change = Change{pushed.revision, !proven, Change::Stage::kWriting};
    Do(Write{FileOf(*state().change), pushed.revision});
  }

  static File FileOf(const Change& change) { return change.on_trial ? File::kTrial : File::kGood; }

  void On(const Rejected& rejected) {
    if (IsAnswered(rejected.revision, rejected.again)) return;
    Supersede(rejected.revision);
    Fail(rejected.revision, rejected.failure);
  }

  void On(const Written& written) {
    if (!state().change.has_value()) return;
    if (!written.failure.has_value()) {
      state().change->stage = Change::Stage::kEnforcing;
      return Do(Enforce{state().change->revision});
    }
    const Change change = *std::exchange(state().change, std::nullopt);
    PutDiskBack(FileOf(change));
    Fail(change.revision, *written.failure);
  }

  // Restores the file, which holds, or may hold, a revision that is not in force.
  void PutDiskBack(File file) {
    if (file == File::kGood) {
      const Base base = BaseOf(state().standing);
      if (const Good* good = std::get_if<Good>(&base)) Do(Rewrite{File::kGood, good->revision});
      return;
    }
    const Undoing* undoing = Is<Undoing>();
    const Trial* trial = undoing != nullptr ? std::get_if<Trial>(&undoing->back_to) : Is<Trial>();
    if (trial != nullptr) return Do(Rewrite{File::kTrial, trial->revision});
    if (Is<Starting>() && Is<Starting>()->dropped.has_value()) {
      return Do(Rewrite{File::kTrial, Is<Starting>()->dropped->revision});
    }
    // The kernel may have the failed revision until it is undone.
    if (undoing != nullptr && undoing->file == File::kTrial) {
      return Do(Rewrite{File::kTrial, undoing->failed});
    }
    Do(DeleteTrial());
  }

  void On(const Enforced& enforced) {
    if (state().change.has_value()) return Changed(enforced);
    if (Is<Starting>()) return Started(enforced);
    if (Is<Undoing>()) return Undone(enforced);
  }

  void Changed(const Enforced& enforced) {
    Change change = *std::exchange(state().change, std::nullopt);
    const bool resuming = change.stage == Change::Stage::kResuming;
    if (!enforced.failure.has_value()) {
      change.revision.rules = enforced.rules;
      if (change.on_trial) return BeginTrial(std::move(change.revision));
      if (Is<Trial>()) Do(StopReaching());
      // If the deletion fails, the file differs from the kernel, and the next start does not take
      // it for a trial.
      Do(DeleteTrial());
      return Settle(std::move(change.revision));
    }
    if (resuming) {
      Start(BaseOf(state().standing));
      Is<Starting>()->dropped = Starting::Dropped{change.revision, *enforced.failure};
      return;
    }
    // The kernel still has its former rules, unless the error came after the transaction.
    TakeBack(change, *enforced.failure);
  }

  void BeginTrial(Revision revision) {
    const Trial* before = Is<Trial>();
    // Rules that are on trial already get no more time under a new number.
    const bool same_rules = before != nullptr && before->revision.rules == revision.rules;
    Trial trial = {.revision = std::move(revision), .base = BaseOf(state().standing)};
    if (same_rules) {
      trial.silent = before->silent;
      trial.from_nothing = before->from_nothing;
    }
    state().standing = std::move(trial);
    state().asking.Reset();
    if (same_rules && Is<Trial>()->from_nothing) return AskOnTrial();
    BeginFromNothing();
  }

  void BeginFromNothing() {
    Trial& trial = *Is<Trial>();
    trial.from_nothing = false;
    // If ending the flows takes longer, the trial goes on, and flows from before may help to reach
    // the controller.
    trial.next = now_ + kEndingFlows;
    // The answer of an attempt that is under way would be about the former rules.
    Do(StopReaching());
    Do(EndForbiddenFlows());
  }

  void On(const FlowsEnded&) {
    Trial* trial = Is<Trial>();
    if (trial == nullptr || trial->from_nothing) return;
    trial->from_nothing = true;
    AskOnTrial();
  }

  Duration LimitAfter(Duration silent) const {
    return std::clamp<Duration>(next_.state.settings.reach_timeout - silent, kShortestAttempt,
                                kAttempt);
  }

  void AskOnTrial() {
    Trial& trial = *Is<Trial>();
    trial.asked = now_;
    trial.limit = LimitAfter(trial.silent);
    Do(Reach{trial.revision.number, trial.limit});
  }

  void Started(const Enforced& enforced) {
    if (enforced.failure.has_value()) {
      Is<Starting>()->retry = After(state().enforcing);
      return;
    }
    const bool late = state().enforcing.failing();
    state().enforcing.Reset();
    const Starting starting = std::move(*Is<Starting>());
    state().standing = StandingOn(starting.base);
    if (starting.dropped.has_value()) Do(DeleteTrial());
    if (Good* good = Is<Good>()) {
      good->revision.rules = enforced.rules;
      if (late) Do(TellApplied{good->revision});
    }
    if (starting.dropped.has_value()) Fail(starting.dropped->revision, starting.dropped->failure);
  }

  // Makes the revision the one in force for good.
  void Settle(Revision revision) {
    state().applying.Reset();
    state().trying.Reset();
    if (std::exchange(state().failed, std::nullopt).has_value()) Do(ForgetRefusal());
    Do(TellApplied{revision});
    state().standing = Good{std::move(revision)};
  }

  // The kernel did not take the change, so disk and kernel go back to their former state. The disk
  // goes first, except a trial's file, which is deleted when the kernel has the former rules back.
  void TakeBack(const Change& change, const Failure& failure) {
    const File file = FileOf(change);
    if (Is<Kept>()) {
      // The rules that the kernel had are unknown, so they cannot be put back.
      PutDiskBack(file);
      return Fail(change.revision, failure);
    }
    Undoing undoing = {.failed = change.revision,
                       .failure = failure,
                       .file = file,
                       .back_to = BaseOf(state().standing),
                       .retry = now_};
    if (Trial* trial = Is<Trial>()) {
      // The answer of an attempt that is under way would be about rules that are no longer in
      // force.
      trial->asked.reset();
      undoing.back_to = *trial;
      Do(StopReaching());
    } else if (const Undoing* before = Is<Undoing>()) {
      undoing.back_to = before->back_to;
    }
    const bool to_trial = std::holds_alternative<Trial>(undoing.back_to);
    state().standing = std::move(undoing);
    if (to_trial || file == File::kGood) PutDiskBack(file);
    Restore();
  }

  // Undoes the trial that has failed.
  void Undo(const std::string& reason) {
    const Trial trial = *Is<Trial>();
    Failure failure = {
        .kind = Failure::Kind::kUndone, .reason = reason, .resource = "", .final = false};
    state().standing = Undoing{.failed = trial.revision,
                               .failure = std::move(failure),
                               .file = File::kTrial,
                               .back_to = AfterUndo(trial.base),
                               .retry = now_};
    Do(StopReaching());
    Restore();
  }

  void Restore() {
    const auto* trial = std::get_if<Trial>(&Is<Undoing>()->back_to);
    Do(Enforce{trial != nullptr ? Target(trial->revision)
                                : TargetOf(std::get<Base>(Is<Undoing>()->back_to))});
  }

  void Undone(const Enforced& enforced) {
    if (enforced.failure.has_value()) {
      // The revision stays a trial on the disk until the kernel has the former rules back.
      Is<Undoing>()->retry = After(state().enforcing);
      return;
    }
    state().enforcing.Reset();
    const Undoing undoing = std::move(*Is<Undoing>());
    if (const auto* trial = std::get_if<Trial>(&undoing.back_to)) {
      state().standing = *trial;
      Is<Trial>()->revision.rules = enforced.rules;
      // A flow may have begun under the rules that were in force meanwhile.
      BeginFromNothing();
    } else {
      state().standing = StandingOn(std::get<Base>(undoing.back_to));
      if (Good* good = Is<Good>()) good->revision.rules = enforced.rules;
      Do(DeleteTrial());
    }
    Fail(undoing.failed, undoing.failure);
  }

  void Fail(const Revision& revision, const Failure& failure) {
    Failed failed = {.revision = revision, .failure = failure};
    const std::optional<Failed>& before = state().failed;
    if (before.has_value() && before->revision.IsPushOf(revision)) {
      failed.trials = before->trials;
      failed.evidence = before->evidence;
    }
    failed.at = now_;
    const bool undone = failure.kind == Failure::Kind::kUndone;
    if (undone) {
      ++failed.trials;
      failed.next = Failed::Next::kAsk;
      state().asking.Reset();
    } else if (!failure.final) {
      failed.next = Failed::Next::kRetry;
      failed.at = After(state().applying);
    }
    state().failed = std::move(failed);
    Do(TellRefused{revision, failure});
    if (undone) AskWithoutIt();
  }

  // Asks the controller without the revision: if it can be reached now, the revision may have been
  // in the way.
  void AskWithoutIt() {
    Failed& failed = *state().failed;
    failed.asked = now_;
    failed.limit = LimitAfter(Duration::zero());
    Do(Reach{failed.revision.number, failed.limit});
  }

  void On(const Reached& reached) {
    if (Is<Trial>()) return ReachedOnTrial(reached);
    std::optional<Failed>& failed = state().failed;
    if (failed.has_value() && failed->next == Failed::Next::kAsk) ReachedWithoutIt(reached);
  }

  // Returns how long the controller was silent in an attempt, counting only time in which this
  // agent ran.
  static Duration Silence(Duration took, Duration limit) {
    return std::min(took, limit) + kBetweenAttempts;
  }

  void ReachedOnTrial(const Reached& reached) {
    Trial& trial = *Is<Trial>();
    if (!trial.asked.has_value()) return;
    const Duration took = now_ - *std::exchange(trial.asked, std::nullopt);
    trial.next = now_ + kBetweenAttempts;
    switch (reached.contact) {
      case Reached::Contact::kAnswered: {
        Do(PromoteTrial());
        return Settle(Revision(trial.revision));
      }
      case Reached::Contact::kOpen:
        // The way to the controller is open. The silence before may have had the same cause, a busy
        // controller.
        trial.silent = Duration::zero();
        [[fallthrough]];
      case Reached::Contact::kUnable:
        trial.stalled = 0;
        trial.next = Later(reached);
        return;
      case Reached::Contact::kSilent: break;
    }
    if (took > trial.limit + kLate && ++trial.stalled <= kMaxStalled) return;
    trial.stalled = 0;
    trial.silent += Silence(took, trial.limit);
    if (trial.silent < state().settings.reach_timeout) return;
    Undo(absl::StrCat("no new connection to the controller could be opened within ",
                      absl::FormatDuration(absl::FromChrono(state().settings.reach_timeout)),
                      " of applying it: ", reached.reason));
  }

  void ReachedWithoutIt(const Reached& reached) {
    Failed& failed = *state().failed;
    if (!failed.asked.has_value()) return;
    const Duration took = now_ - *std::exchange(failed.asked, std::nullopt);
    if (reached.contact == Reached::Contact::kSilent ||
        reached.contact == Reached::Contact::kUnable) {
      if (reached.contact == Reached::Contact::kSilent) {
        failed.silent += Silence(took, failed.limit);
      }
      failed.at = After(state().asking);
      return;
    }
    // If the controller could not be reached without the revision either, the revision did not cut
    // it off.
    if (failed.silent < state().settings.reach_timeout) ++failed.evidence;
    if (failed.evidence >= kEnoughEvidence) {
      failed.next = Failed::Next::kNothing;
      failed.failure.final = true;
      return Do(TellRefused{failed.revision, failed.failure});
    }
    failed.next = Failed::Next::kRetry;
    failed.at = failed.trials <= 1 ? now_ + kSoon : After(state().trying);
  }

  void On(const Renewed& renewed) {
    if (Good* good = Is<Good>()) {
      good->revision.rules = renewed.rules;
    } else if (Trial* trial = Is<Trial>()) {
      trial->revision.rules = renewed.rules;
    } else if (Is<Starting>()) {
      Started({.rules = renewed.rules, .failure = std::nullopt});
    }
  }

  void On(const HostChanged&) {
    std::optional<Failed>& failed = state().failed;
    if (failed.has_value() && failed->next == Failed::Next::kRetry &&
        failed->failure.kind == Failure::Kind::kRefused) {
      failed->at = now_;
    }
  }

  void On(const Tick&) {
    if (state().change.has_value()) return;
    if (const Starting* starting = Is<Starting>()) {
      if (starting->retry <= now_) Do(Enforce{TargetOf(starting->base)});
      return;
    }
    if (const Undoing* undoing = Is<Undoing>()) {
      if (undoing->retry <= now_) Restore();
      return;
    }
    if (const Trial* trial = Is<Trial>()) {
      if (!trial->asked.has_value() && trial->next <= now_) AskOnTrial();
      return;
    }
    std::optional<Failed>& failed = state().failed;
    if (!failed.has_value() || failed->at > now_ || failed->asked.has_value()) return;
    if (failed->next == Failed::Next::kAsk) return AskWithoutIt();
    if (failed->next == Failed::Next::kRetry) {
      failed->next = Failed::Next::kNothing;
      Do(TryAgain{failed->revision});
    }
  }

  const Time now_;
  Next next_;
};

}  // namespace

Next Step(State state, const Event& event, Time now) {
  return Transition(std::move(state), now).Take(event);
}

}  // namespace firebreak::agent::lifecycle
