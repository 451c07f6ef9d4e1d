// SPDX-License-Identifier: Apache-2.0

// Decides what the controller's answers and its silence, and a person's word, prove about
// revisions.

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "agent/revision/transition.h"

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
// this agent did not run. After kMaxStalled such attempts in a row, the silence counts
// nevertheless.
constexpr Duration kLate = seconds(2);
constexpr int kMaxStalled = 3;
// The time for ending the flows that a trial's rules forbid.
constexpr Duration kEndingFlows = seconds(10);
// The pause before the first retry of a revision that was undone.
constexpr Duration kSoon = seconds(1);

// Returns how long the controller was silent in an attempt, counting only time in which this agent
// ran.
Duration Silence(Duration took, Duration limit) { return std::min(took, limit) + kBetweenAttempts; }

// Returns what a revision in doubt falls back to. A host that had no policy, or whose rules are
// unknown, falls back to being shut: an attacker on the way can cause silence, and silence must not
// open a host.
Base FallbackFrom(const Base& base) {
  return std::holds_alternative<Good>(base) ? base : Base(Shut());
}

}  // namespace

Time Transition::Later(const Reached& reached) {
  if (reached.retry_after <= Duration::zero()) return After(state().asking);
  // The random addition spreads hosts that were told to wait at the same moment.
  const auto more =
      std::uniform_int_distribution<Duration::rep>(0, reached.retry_after.count())(state().random);
  return now_ + reached.retry_after + Duration(more);
}

Duration Transition::LimitAfter(Duration silent) const {
  return std::clamp<Duration>(next_.state.settings.reach_timeout - silent, kShortestAttempt,
                              kAttempt);
}

void Transition::Ask(Attempts& attempts, const Revision& revision) {
  attempts.asked = now_;
  attempts.limit = LimitAfter(attempts.silent);
  Do(Reach{revision.number, attempts.limit});
}

bool Transition::CountSilence(Attempts& attempts, Duration took) {
  if (took > attempts.limit + kLate && ++attempts.stalled <= kMaxStalled) return false;
  attempts.stalled = 0;
  attempts.silent += Silence(took, attempts.limit);
  return attempts.silent >= state().settings.reach_timeout;
}

// --- A trial

void Transition::BeginTrial(Revision revision, const Proof& proof) {
  if (proof.by == Proof::By::kPerson) {
    Trial trial;
    trial.revision = std::move(revision);
    trial.base = BaseOf(state().standing);
    trial.until = now_ + proof.time;
    state().standing = std::move(trial);
    return Do(StopReaching());
  }
  const Trial* before = Is<Trial>();
  // Rules that are on trial already get no more time under a new number.
  const bool same_rules = before != nullptr && before->revision.DoesTheSame(revision);
  Trial trial;
  trial.revision = std::move(revision);
  trial.base = BaseOf(state().standing);
  if (same_rules) {
    trial.silent = before->silent;
    trial.looked = before->looked;
    trial.help = before->help;
  }
  state().standing = std::move(trial);
  state().asking.Reset();
  if (same_rules && Is<Trial>()->looked) return Ask(*Is<Trial>(), Is<Trial>()->revision);
  BeginFromNothing();
}

void Transition::BeginFromNothing() {
  Trial& trial = *Is<Trial>();
  if (trial.until.has_value()) return;
  trial.looked = false;
  // If ending the flows takes longer, the trial goes on, and flows from before may help to reach
  // the controller.
  trial.next = now_ + kEndingFlows;
  // The answer of an attempt that is under way would be about the former rules.
  Do(StopReaching());
  Do(EndForbiddenFlows());
}

void Transition::On(const FlowsEnded& ended) {
  if (Trial* trial = Is<Trial>()) {
    if (trial->looked || trial->until.has_value()) return;
    trial->looked = true;
    trial->help = ended.help;
    return Ask(*trial, trial->revision);
  }
  std::optional<Doubt>& doubt = state().doubt;
  const Good* good = Is<Good>();
  if (good == nullptr || !doubt.has_value() || !std::exchange(doubt->looking, false)) return;
  if (doubt->help != ended.help) {
    doubt->help = ended.help;
    if (!doubt->help.empty()) {
      Do(KeepFallback{doubt->fallback, doubt->help});
      Do(TellApplied{good->revision});
    }
  }
  doubt->next = doubt->help.empty() ? now_ : After(state().doubting);
}

void Transition::ReachedOnTrial(const Reached& reached) {
  Trial& trial = *Is<Trial>();
  if (!trial.asked.has_value()) return;
  const Duration took = now_ - *std::exchange(trial.asked, std::nullopt);
  trial.next = now_ + kBetweenAttempts;
  switch (reached.contact) {
    case Reached::Contact::kAnswered: return Promote();
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
  if (!CountSilence(trial, took)) return;
  UndoTrial(absl::StrCat("no new connection to the controller could be opened within ",
                         absl::FormatDuration(absl::FromChrono(state().settings.reach_timeout)),
                         " of applying it: ", reached.reason));
}

void Transition::Promote() {
  const Trial trial = std::move(*Is<Trial>());
  std::optional<Doubt>& doubt = state().doubt;
  const auto* fallback = doubt.has_value() ? std::get_if<Good>(&doubt->fallback) : nullptr;
  const bool proven = (trial.looked && trial.help.empty()) ||
                      (fallback != nullptr && fallback->revision.DoesTheSame(trial.revision));
  if (proven) {
    Do(PromoteTrial());
    if (std::exchange(doubt, std::nullopt).has_value()) Do(DeleteFallback());
  } else {
    Doubt now;
    now.fallback = doubt.has_value() ? doubt->fallback : FallbackFrom(trial.base);
    now.help =
        trial.looked ? trial.help : Help{"connections that are older than the revision's rules"};
    now.looking = !trial.looked;
    // Failed trials before this one still count if the revision is undone again.
    if (const std::optional<Failed>& failed = state().failed;
        failed.has_value() && failed->revision.IsPushOf(trial.revision)) {
      now.trials = failed->trials;
      now.evidence = failed->evidence;
    }
    state().doubting.Reset();
    now.next = now.looking ? now_ + kEndingFlows : After(state().doubting);
    // The fallback goes first, so that the good revision is never without it.
    Do(KeepFallback{now.fallback, now.help});
    Do(PromoteTrial());
    doubt = std::move(now);
  }
  Settle(trial.revision);
}

void Transition::On(const Decided& decided) {
  const Trial* trial = Is<Trial>();
  if (trial == nullptr || !trial->until.has_value() || state().change.has_value()) return;
  if (trial->revision.number != decided.revision) return;
  if (!decided.keep) return UndoTrial(decided.reason);
  Do(PromoteTrial());
  DropDoubt();
  Settle(Revision(trial->revision));
}

void Transition::DropDoubt() {
  if (std::exchange(state().doubt, std::nullopt).has_value()) Do(DeleteFallback());
}

void Transition::UndoTrial(const std::string& reason) {
  const Trial trial = *Is<Trial>();
  Undoing undoing;
  undoing.failed = trial.revision;
  undoing.file = File::kTrial;
  // A revision that a person did not confirm is not tried again.
  undoing.failure = {.kind = Failure::Kind::kUndone,
                     .reason = reason,
                     .resource = "",
                     .final = trial.until.has_value()};
  // After another revision has been tried, the rules that the kernel had kept are gone.
  undoing.back_to = std::holds_alternative<Kept>(trial.base) ? Base(Shut()) : trial.base;
  undoing.retry = now_;
  state().standing = std::move(undoing);
  Do(StopReaching());
  Restore();
}

// --- A good revision that is in doubt

void Transition::ExamineDoubt() {
  Doubt& doubt = *state().doubt;
  // Asks the controller if it is silent or if nothing that helped is left.
  if (!state().connected || doubt.help.empty() || doubt.silent > Duration::zero()) {
    return Ask(doubt, Is<Good>()->revision);
  }
  if (std::exchange(doubt.looking, false)) {
    doubt.next = After(state().doubting);  // the look takes long; its outcome no longer counts
    return;
  }
  doubt.looking = true;
  doubt.next = now_ + kEndingFlows;
  Do(EndForbiddenFlows());
}

void Transition::On(const StreamChanged& stream) {
  state().connected = stream.connected;
  std::optional<Doubt>& doubt = state().doubt;
  if (!doubt.has_value()) return;
  doubt->silent = Duration::zero();
  doubt->stalled = 0;
  doubt->next = stream.connected ? After(state().doubting) : now_;
}

void Transition::ReachedInDoubt(const Reached& reached) {
  Doubt& doubt = *state().doubt;
  if (!doubt.asked.has_value()) return;
  const Duration took = now_ - *std::exchange(doubt.asked, std::nullopt);
  doubt.next = now_ + kBetweenAttempts;
  switch (reached.contact) {
    case Reached::Contact::kAnswered:
      if (doubt.help.empty()) return EndDoubt();
      [[fallthrough]];
    case Reached::Contact::kOpen: doubt.silent = Duration::zero(); [[fallthrough]];
    case Reached::Contact::kUnable:
      doubt.stalled = 0;
      doubt.next = Later(reached);
      return;
    case Reached::Contact::kSilent: break;
  }
  if (!CountSilence(doubt, took)) return;
  UndoDoubted(
      absl::StrCat("the controller was lost for ",
                   absl::FormatDuration(absl::FromChrono(state().settings.reach_timeout)),
                   ", and had never been reached under this revision without the help of ",
                   doubt.help.empty() ? "older connections" : absl::StrJoin(doubt.help, ", of "),
                   ": ", reached.reason));
}

void Transition::EndDoubt() {
  state().doubt.reset();
  Do(DeleteFallback());
  Do(TellApplied{Is<Good>()->revision});
}

void Transition::UndoDoubted(const std::string& reason) {
  Undoing undoing;
  undoing.failed = Is<Good>()->revision;
  undoing.file = File::kGood;
  undoing.failure = {
      .kind = Failure::Kind::kUndone, .reason = reason, .resource = "", .final = false};
  undoing.to_fallback = true;
  undoing.back_to = state().doubt->fallback;
  undoing.retry = now_;
  std::optional<Failed>& failed = state().failed;
  if (!failed.has_value() || failed->revision.number <= undoing.failed.number) {
    failed.emplace();
    failed->revision = undoing.failed;
    failed->failure = undoing.failure;
    failed->trials = state().doubt->trials;
    failed->evidence = state().doubt->evidence;
  } else {
    // The newer revision is still to come into force.
    failed->asked.reset();
  }
  state().standing = std::move(undoing);
  state().doubt.reset();
  Do(StopReaching());
  Restore();
}

// --- After a revision has failed

void Transition::AskWithoutIt() {
  Failed& failed = *state().failed;
  if (state().doubt.has_value()) state().doubt->asked.reset();  // this attempt replaces it
  failed.asked = now_;
  failed.limit = LimitAfter(Duration::zero());
  Do(Reach{failed.revision.number, failed.limit});
}

void Transition::ReachedWithoutIt(const Reached& reached) {
  Failed& failed = *state().failed;
  const Duration took = now_ - *std::exchange(failed.asked, std::nullopt);
  if (reached.contact == Reached::Contact::kSilent ||
      reached.contact == Reached::Contact::kUnable) {
    if (reached.contact == Reached::Contact::kSilent) failed.silent += Silence(took, failed.limit);
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

// --- Events of both

void Transition::On(const Reached& reached) {
  if (Is<Trial>()) return ReachedOnTrial(reached);
  const std::optional<Failed>& failed = state().failed;
  std::optional<Doubt>& doubt = state().doubt;
  const bool examines = doubt.has_value() && Is<Good>() != nullptr;
  if (failed.has_value() && failed->next == Failed::Next::kAsk && failed->asked.has_value()) {
    // Asking without the failed revision also examines the revision in force.
    if (examines) {
      doubt->asked = failed->asked;
      doubt->limit = failed->limit;
    }
    ReachedWithoutIt(reached);
  }
  if (examines) ReachedInDoubt(reached);
}

void Transition::On(const Tick&) {
  if (state().change.has_value()) return;
  if (const Starting* starting = Is<Starting>()) {
    if (starting->retry <= now_) Do(Enforce{TargetOf(starting->base)});
    return;
  }
  if (const Undoing* undoing = Is<Undoing>()) {
    if (undoing->retry <= now_) Restore();
    return;
  }
  if (Trial* trial = Is<Trial>()) {
    if (trial->until.has_value()) {
      if (*trial->until <= now_) UndoTrial("nobody confirmed it in time");
    } else if (!trial->asked.has_value() && trial->next <= now_) {
      Ask(*trial, trial->revision);
    }
    return;
  }
  std::optional<Failed>& failed = state().failed;
  const std::optional<Doubt>& doubt = state().doubt;
  if ((failed.has_value() && failed->asked.has_value()) ||
      (doubt.has_value() && doubt->asked.has_value())) {
    return;
  }
  if (failed.has_value() && failed->at <= now_) {
    if (failed->next == Failed::Next::kAsk) return AskWithoutIt();
    if (failed->next == Failed::Next::kRetry) {
      failed->next = Failed::Next::kNothing;
      return Do(TryAgain{failed->revision});
    }
  }
  if (doubt.has_value() && Is<Good>() != nullptr && doubt->next <= now_) ExamineDoubt();
}

}  // namespace firebreak::agent::lifecycle
