// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_REVISION_TRANSITION_H_
#define FIREBREAK_AGENT_REVISION_TRANSITION_H_

#include <string>
#include <utility>
#include <variant>

#include "agent/revision/base.h"
#include "agent/revision/lifecycle.h"

namespace firebreak::agent::lifecycle {

// One step of the life of revisions, as Step performs it. step.cc puts revisions into the kernel
// and takes them out of it; proof.cc decides whether the controller can be reached.
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
  template <typename T>
  T* Is() {
    return std::get_if<T>(&state().standing);
  }

  void On(const Found& found);
  void On(const Pushed& pushed);
  void On(const Rejected& rejected);
  void On(const Written& written);
  void On(const Enforced& enforced);
  void On(const FlowsEnded& ended);
  void On(const StreamChanged& stream);
  void On(const Reached& reached);
  void On(const Decided& decided);
  void On(const Renewed& renewed);
  void On(const HostChanged& changed);
  void On(const Tick& tick);

  // --- Bringing revisions into force

  // Continues the doubt of a revision that was in doubt when the previous agent ended.
  void TakeUpDoubt(const Found& found);
  void Start(const Base& base);
  void Started(const Enforced& enforced);
  // Whether the push needs only an answer, which has been given or will be given.
  bool IsAnswered(const Revision& revision, bool again);
  void Supersede(const Revision& revision);
  void Changed(const Enforced& enforced);
  // Restores the file, which holds, or may hold, a revision that is not in force.
  void PutDiskBack(File file);
  // The kernel did not take the change, so disk and kernel go back to their former state.
  void TakeBack(const Change& change, const Failure& failure);
  void Restore();
  // Whether a revision that was in doubt is being undone.
  bool IsUndoingDoubted() {
    const Undoing* undoing = Is<Undoing>();
    return undoing != nullptr && undoing->to_fallback;
  }
  void Undone(const Enforced& enforced);
  void Fail(const Revision& revision, const Failure& failure);
  // Makes the revision the one in force for good.
  void Settle(Revision revision);

  // --- Proving that the controller can be reached

  // Returns when the controller may be asked again.
  Time Later(const Reached& reached);
  Duration LimitAfter(Duration silent) const;
  // Begins an attempt on the revision.
  void Ask(Attempts& attempts, const Revision& revision);
  // Counts an attempt that took so long without an answer. Returns whether the controller has been
  // silent for the reach timeout.
  bool CountSilence(Attempts& attempts, Duration took);
  void BeginTrial(Revision revision, const Proof& proof);
  void BeginFromNothing();
  void ReachedOnTrial(const Reached& reached);
  // Settles a trial that the controller has answered.
  void Promote();
  // Undoes the trial that has failed.
  void UndoTrial(const std::string& reason);
  // Checks whether the help of the revision in doubt is still there, or asks the controller.
  void ExamineDoubt();
  void ReachedInDoubt(const Reached& reached);
  void EndDoubt();
  // Ends the doubt on a person's word, whatever the controller says.
  void DropDoubt();
  void UndoDoubted(const std::string& reason);
  // Asks the controller without the revision that failed: if it can be reached now, the revision
  // may have been in the way.
  void AskWithoutIt();
  void ReachedWithoutIt(const Reached& reached);

  const Time now_;
  Next next_;
};

}  // namespace firebreak::agent::lifecycle

#endif  // FIREBREAK_AGENT_REVISION_TRANSITION_H_
