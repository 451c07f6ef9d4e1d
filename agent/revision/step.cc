// SPDX-License-Identifier: Apache-2.0

// Decides how revisions come into the kernel and out of it.

#include <utility>

#include "agent/revision/transition.h"

namespace firebreak::agent::lifecycle {
namespace {

Standing StandingOn(const Base& base) {
  return std::visit([](const auto& one) { return Standing(one); }, base);
}

File FileOf(const Change& change) { return change.on_trial ? File::kTrial : File::kGood; }

// A change that a person has asked for is not retried without the person.
Failure FailureOf(const Change& change, Failure failure) {
  if (change.proof.by != Proof::By::kController) failure.final = true;
  return failure;
}

}  // namespace

void Transition::On(const Found& found) {
  state().failed = found.failed;
  Base base = Nothing();
  if (found.good.has_value()) {
    base = Good{*found.good};
  } else if (found.has_good_file) {
    base = Shut();
  }
  TakeUpDoubt(found);
  if (!found.trial.has_value()) {
    if (std::holds_alternative<Nothing>(base)) return;
    // The kernel's present rules are better than any that the agent could make up.
    const bool keep = std::holds_alternative<Shut>(base) && found.kernel != Found::Kernel::kNoRules;
    if (keep) {
      state().standing = Kept();
    } else {
      Start(base);
    }
    return;
  }
  if (found.trial_by_person) {
    // The trial is reported as undone once the kernel has the base.
    Start(base);
    Is<Starting>()->dropped = Starting::Dropped{
        *found.trial,
        {.kind = Failure::Kind::kUndone, .reason = "the agent ended before it was confirmed"}};
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

void Transition::TakeUpDoubt(const Found& found) {
  if (!found.fallback.has_value()) return;
  const auto* fallback = std::get_if<Good>(&*found.fallback);
  // The agent may have ended between the steps that make a revision good or undo it.
  if (!found.good.has_value() ||
      (fallback != nullptr && fallback->revision.IsPushOf(*found.good))) {
    return Do(DeleteFallback());
  }
  Doubt doubt;
  doubt.fallback = *found.fallback;
  doubt.help = found.help;
  doubt.next = now_;
  state().doubt = std::move(doubt);
}

void Transition::Start(const Base& base) {
  state().standing = Starting{base, now_, std::nullopt};
  Do(Enforce{TargetOf(base)});
}

bool Transition::IsAnswered(const Revision& revision, bool again) {
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

void Transition::Supersede(const Revision& revision) {
  std::optional<Failed>& failed = state().failed;
  if (!failed.has_value()) return;
  failed->next = Failed::Next::kNothing;
  failed->asked.reset();
  if (failed->revision.IsPushOf(revision)) return;
  state().applying.Reset();
  state().trying.Reset();
}

void Transition::On(const Pushed& pushed) {
  if (IsAnswered(pushed.revision, pushed.again)) return;
  Supersede(pushed.revision);
  // The answer of an attempt that is under way would be about former rules.
  if (state().doubt.has_value()) state().doubt->asked.reset();
  const Base base = BaseOf(state().standing);
  const Good* good = std::get_if<Good>(&base);
  // If the present revision is in doubt, its reach of the controller proves nothing for a revision
  // that a person must confirm.
  const bool counts = pushed.proof.by == Proof::By::kController || !state().doubt.has_value();
  const bool proven =
      pushed.proof.by == Proof::By::kNobody ||
      (counts && good != nullptr &&
       (good->revision.DoesTheSame(pushed.revision) || good->revision.IsPushOf(pushed.revision)));
  state().change = Change{pushed.revision, !proven, Change::Stage::kWriting, pushed.proof};
  Do(Write{FileOf(*state().change), pushed.revision});
}

void Transition::On(const Rejected& rejected) {
  if (IsAnswered(rejected.revision, rejected.again)) return;
  Supersede(rejected.revision);
  Fail(rejected.revision, rejected.failure);
}

void Transition::On(const Written& written) {
  if (!state().change.has_value()) return;
  if (!written.failure.has_value()) {
    state().change->stage = Change::Stage::kEnforcing;
    return Do(Enforce{state().change->revision});
  }
  const Change change = *std::exchange(state().change, std::nullopt);
  PutDiskBack(FileOf(change));
  Fail(change.revision, FailureOf(change, *written.failure));
}

void Transition::PutDiskBack(File file) {
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

void Transition::On(const Enforced& enforced) {
  if (state().change.has_value()) return Changed(enforced);
  if (Is<Starting>()) return Started(enforced);
  if (Is<Undoing>()) return Undone(enforced);
}

void Transition::Changed(const Enforced& enforced) {
  Change change = *std::exchange(state().change, std::nullopt);
  const bool resuming = change.stage == Change::Stage::kResuming;
  if (!enforced.failure.has_value()) {
    change.revision.rules = enforced.rules;
    if (change.on_trial) {
      if (IsUndoingDoubted()) Do(TakeFallback());
      return BeginTrial(std::move(change.revision), change.proof);
    }
    if (Is<Trial>()) Do(StopReaching());
    // The revision has taken the place of the one that was being undone.
    if (IsUndoingDoubted()) Do(DeleteFallback());
    if (change.proof.by == Proof::By::kNobody) DropDoubt();
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
  TakeBack(change, FailureOf(change, *enforced.failure));
}

void Transition::Started(const Enforced& enforced) {
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

// The kernel did not take the change, so disk and kernel go back to their former state. The disk
// goes first, except a trial's file, which is deleted when the kernel has the former rules back.
void Transition::TakeBack(const Change& change, const Failure& failure) {
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
    undoing.to_fallback = before->to_fallback;
  }
  const bool to_trial = std::holds_alternative<Trial>(undoing.back_to);
  state().standing = std::move(undoing);
  if (to_trial || file == File::kGood) PutDiskBack(file);
  Restore();
}

void Transition::Restore() {
  const auto* trial = std::get_if<Trial>(&Is<Undoing>()->back_to);
  Do(Enforce{trial != nullptr ? Target(trial->revision)
                              : TargetOf(std::get<Base>(Is<Undoing>()->back_to))});
}

void Transition::Undone(const Enforced& enforced) {
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
    if (undoing.to_fallback) Do(TakeFallback());
    if (undoing.file == File::kTrial || !undoing.to_fallback) Do(DeleteTrial());
    // The undone revision had been reported as applied; now this one is.
    if (const Good* good = Is<Good>(); good != nullptr && undoing.to_fallback) {
      Do(TellApplied{good->revision});
    }
  }
  if (const std::optional<Failed>& failed = state().failed;
      failed.has_value() && failed->revision.number > undoing.failed.number) {
    return Do(TellRefused{undoing.failed, undoing.failure});
  }
  Fail(undoing.failed, undoing.failure);
}

void Transition::Fail(const Revision& revision, const Failure& failure) {
  Failed failed = {.revision = revision, .failure = failure};
  const std::optional<Failed>& before = state().failed;
  if (before.has_value() && before->revision.IsPushOf(revision)) {
    failed.trials = before->trials;
    failed.evidence = before->evidence;
  }
  failed.at = now_;
  // Only a revision without a final failure may have been undone because it cut the controller off.
  const bool undone = failure.kind == Failure::Kind::kUndone && !failure.final;
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

void Transition::On(const Renewed& renewed) {
  if (Good* good = Is<Good>()) {
    good->revision.rules = renewed.rules;
  } else if (Trial* trial = Is<Trial>()) {
    trial->revision.rules = renewed.rules;
  } else if (Is<Starting>()) {
    Started({.rules = renewed.rules, .failure = std::nullopt});
  }
}

void Transition::On(const HostChanged&) {
  std::optional<Failed>& failed = state().failed;
  if (failed.has_value() && failed->next == Failed::Next::kRetry &&
      failed->failure.kind == Failure::Kind::kRefused) {
    failed->at = now_;
  }
}

void Transition::Settle(Revision revision) {
  state().applying.Reset();
  state().trying.Reset();
  if (std::exchange(state().failed, std::nullopt).has_value()) Do(ForgetRefusal());
  Do(TellApplied{revision});
  state().standing = Good{std::move(revision)};
}

Next Step(State state, const Event& event, Time now) {
  return Transition(std::move(state), now).Take(event);
}

}  // namespace firebreak::agent::lifecycle
