// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_REVISION_LIFECYCLE_H_
#define FIREBREAK_AGENT_REVISION_LIFECYCLE_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "agent/revision/revision.h"
#include "base/backoff/backoff.h"

// The life of revisions on one host, as values: which revision is in force, which is on trial,
// which failed, and when that revision is tried again. `Step` takes a state and an event, and
// returns the next state and the actions to be performed. `Step` itself performs nothing and reads
// no clock.
//
//   Nothing ──push──▶ write ──▶ enforce ──▶ Trial ──reached──▶ Good
//                       │          │          │ silence for      │ in doubt, and silence for
//                       ▼          ▼          ▼ the reach timeout│ the reach timeout
//                    refused ◀── Undoing ◀────┴──────────────────┘   back to what stood before
//
// A revision is in doubt if the controller was reached, but with the help of something that the
// revision's rules would not let begin anew, for example a tunnel older than the rules. It is in
// force and reported as applied, but the revision before it is kept as a fallback. The doubt ends
// when the controller is reached on a connection that nothing older has helped.
//
// These promises hold in every state, whatever happens:
//  - Only revisions that are on the disk are enforced, so that an agent that dies at any moment
//    finds on the disk what the kernel has.
//  - No failure leaves a host that has a policy without rules.
//  - Every trial ends: with the controller's answer, or when the controller has been silent for the
//    reach timeout while the agent asked. Time does not count if the agent did not ask, or if an
//    answer proves that the way is open. A trial that a person decides about ends with the person's
//    decision, when the time for it is over, or with the agent, because after a restart nobody can
//    be asked.
//  - A revision that is in doubt is undone when the controller is silent for the reach timeout,
//    however much later, and also after restarts.
//  - A revision is reported as applied only if the kernel has it and its trial has ended, and as
//    refused only if the kernel no longer has it.
namespace firebreak::agent::lifecycle {

// The types of Base: the state of a host apart from trials, to which a failed trial returns.
struct Nothing {  // no policy ever came, so there are no rules
  friend bool operator==(const Nothing&, const Nothing&) = default;
};
struct Shut {  // the policy on the disk cannot be read, so nothing is open
  friend bool operator==(const Shut&, const Shut&) = default;
};
struct Kept {  // the policy cannot be read, but the kernel still has its former rules
  friend bool operator==(const Kept&, const Kept&) = default;
};
struct Good {
  Revision revision;
  friend bool operator==(const Good&, const Good&) = default;
};
using Base = std::variant<Nothing, Shut, Kept, Good>;

// Attempts to reach the controller, one after the other.
struct Attempts {
  Duration silent{};          // how long the controller has been silent while asked
  int stalled = 0;            // successive attempts during which this agent did not run
  std::optional<Time> asked;  // when the present attempt began
  Duration limit{};           // the time limit of the present attempt
  Time next;                  // when the next attempt begins, if none is under way
};

// What helps this host to reach its controller although its rules would not let it begin anew, as
// texts for people; empty: nothing.
using Help = std::vector<std::string>;

// The revision is in the kernel, but does not yet have proof that its rules leave the way to the
// controller, or to whoever administers the host, open.
struct Trial : Attempts {
  Revision revision;
  Base base;  // what is restored if the trial fails
  // When a person must have confirmed it; nullopt if the controller's answer decides. With a
  // person, Attempts and the fields below are unused.
  std::optional<Time> until;
  // Whether the flows that these rules would not let begin have been examined, and those ended that
  // can begin again. Flows that continue are in `help`.
  bool looked = false;
  Help help;
};

// The good revision has reached the controller, but not on a connection made from nothing.
struct Doubt : Attempts {
  Base fallback;  // Nothing, Shut or Good: what is restored if the controller is lost
  Help help;
  bool looking = false;  // whether the host's flows are being looked at
  // How often the revision failed before it came into force, as in Failed.
  int trials = 0;
  int evidence = 0;
};

// How a revision failed.
struct Failure {
  enum class Kind { kRefused, kUndone };
  Kind kind = Kind::kRefused;
  std::string reason;
  std::string resource;  // the part of the revision that was at fault; empty if unknown
  bool final = true;     // whether trying again would not help
  friend bool operator==(const Failure&, const Failure&) = default;
};

// The agent has started, and the kernel has not yet taken the base.
struct Starting {
  // A trial that is on the disk and perhaps in the kernel, but that the kernel did not take again.
  struct Dropped {
    Revision revision;
    Failure failure;
  };
  Base base;
  Time retry;
  std::optional<Dropped> dropped;
};

enum class File { kGood, kTrial };

// The kernel has, or may have, the rules of a revision that failed. On the disk the revision stays
// a trial until the kernel has the former rules back.
struct Undoing {
  Revision failed;
  Failure failure;
  File file;  // where the failed revision is on the disk
  // Whether the base in `back_to` is on the disk as the fallback, and a revision that is undone as
  // the good one.
  bool to_fallback = false;
  std::variant<Base, Trial> back_to;
  Time retry;
};

using Standing = std::variant<Nothing, Shut, Kept, Good, Starting, Trial, Undoing>;

// A pushed revision on its way into the kernel.
struct Change {
  enum class Stage { kWriting, kEnforcing, kResuming };
  Revision revision;
  bool on_trial = true;
  Stage stage = Stage::kWriting;
  Proof proof;
};

// The newest revision that is not in force because it failed.
struct Failed {
  enum class Next {
    kNothing,  // the failure is final, or a newer revision came
    kAsk,      // asks whether the controller can be reached without the revision
    kRetry,    // applies the revision again
  };
  Revision revision;
  Failure failure;
  int trials = 0;    // trials that failed
  int evidence = 0;  // failed trials right after which the controller could be reached
  Next next = Next::kNothing;
  Time at;                    // when the next step is due
  std::optional<Time> asked;  // when the present attempt began
  Duration limit{};
  Duration silent{};
};

struct Settings {
  Duration reach_timeout = std::chrono::seconds(30);
};

struct State {
  Settings settings;
  Standing standing;
  std::optional<Doubt> doubt;  // of the good revision that is in `standing` or in its base
  std::optional<Change> change;
  std::optional<Failed> failed;
  bool connected = false;  // whether the controller has taken this host's stream
  // Pauses between attempts: to reach the controller, to enforce what the kernel did not take, to
  // apply a revision that was refused, and to try again a revision that was undone.
  Backoff asking{absl::Seconds(1), absl::Seconds(30)};
  Backoff enforcing{absl::Seconds(1), absl::Seconds(60)};
  Backoff applying{absl::Seconds(1), absl::Minutes(5)};
  Backoff trying{absl::Minutes(1), absl::Minutes(10)};
  // Between checks whether the help of a revision in doubt is still there.
  Backoff doubting{absl::Minutes(1), absl::Minutes(15)};
  std::minstd_rand random;
};

State MakeState(Settings settings, uint32_t seed);

// A revision is at fault once it has failed this many trials while the controller could be reached
// without it.
inline constexpr int kEnoughEvidence = 4;

// --- Events

// What is on the disk and in the kernel when the agent starts.
struct Found {
  enum class Kernel { kNoRules, kTrial, kOther };
  std::optional<Revision> good;  // the good revision, if it can be read
  bool has_good_file = false;    // true even if the file cannot be read
  std::optional<Revision> trial;
  bool trial_by_person = false;  // whether a person was to decide about it
  // What the good revision falls back to if it is in doubt, and what helped it.
  std::optional<Base> fallback = std::nullopt;
  Help help = {};
  Kernel kernel = Kernel::kNoRules;  // kTrial: exactly the rules of `trial`
  std::optional<Failed> failed;
};
// A revision has come, was checked, and can be applied.
struct Pushed {
  Revision revision;
  bool again = false;  // whether it results from TryAgain; otherwise it is new
  Proof proof;
};
// A revision cannot be applied in its present form.
struct Rejected {
  Revision revision;
  Failure failure;
  bool again = false;
};
// Written and Enforced are the outcomes of Write and Enforce.
struct Written {
  std::optional<Failure> failure;
};
struct Enforced {
  std::string rules;  // as read back from the kernel
  std::optional<Failure> failure;
};
// The outcome of EndForbiddenFlows: which flows continue and may help this host.
struct FlowsEnded {
  Help help = {};
};
// The controller has taken the host's stream, or the stream has ended.
struct StreamChanged {
  bool connected = false;
};
// The outcome of Reach.
struct Reached {
  enum class Contact {
    kAnswered,
    kOpen,    // no answer, but the controller is there: it is busy, or is being restarted
    kSilent,  // nothing came back
    kUnable,  // the agent could not even ask
  };
  Contact contact = Contact::kAnswered;
  std::string reason;
  Duration retry_after{};  // how long a busy controller wants to be left alone; 0 if it did not say
};
// A person has confirmed the revision that waits for confirmation, or has rejected it.
struct Decided {
  uint64_t revision = 0;
  bool keep = true;
  std::string reason;  // why it is not kept
};
// The rules of the policy in force were made anew, for example because interfaces have changed.
struct Renewed {
  std::string rules;
};
// The host's interfaces have changed: a revision that was refused for lack of an interface may be
// applied now.
struct HostChanged {};
// Time has passed; see WakeAt.
struct Tick {};

using Event = std::variant<Found, Pushed, Rejected, Written, Enforced, FlowsEnded, StreamChanged,
                           Reached, Decided, Renewed, HostChanged, Tick>;

// --- Actions, to be performed in their order

// The runner waits for the outcome: the next event is Written.
struct Write {
  File file;
  Revision revision;
  friend bool operator==(const Write&, const Write&) = default;
};
// The runner waits for the outcome: the next event is Enforced.
struct Enforce {
  std::variant<Nothing, Shut, Revision> target;
  friend bool operator==(const Enforce&, const Enforce&) = default;
};
// Makes the disk agree with the kernel; a failure is only logged.
struct Rewrite {
  File file;
  Revision revision;
  friend bool operator==(const Rewrite&, const Rewrite&) = default;
};
struct PromoteTrial {
  friend bool operator==(const PromoteTrial&, const PromoteTrial&) = default;
};
struct DeleteTrial {
  friend bool operator==(const DeleteTrial&, const DeleteTrial&) = default;
};
// Stores on the disk what a revision in doubt falls back to: Nothing, Shut or Good.
struct KeepFallback {
  Base base;
  Help help;
  friend bool operator==(const KeepFallback&, const KeepFallback&) = default;
};
// Makes the fallback the good revision on the disk, in place of the one that was in doubt.
struct TakeFallback {
  friend bool operator==(const TakeFallback&, const TakeFallback&) = default;
};
struct DeleteFallback {
  friend bool operator==(const DeleteFallback&, const DeleteFallback&) = default;
};
// Ends the flows of this host that the rules in the kernel would not let begin, if they can begin
// again with their next packet. FlowsEnded then reports the forbidden flows that continue. If the
// controller is reached afterwards and none continue, nothing older has helped.
struct EndForbiddenFlows {
  friend bool operator==(const EndForbiddenFlows&, const EndForbiddenFlows&) = default;
};
// Opens a new connection to the controller; answered once by Reached. A newer Reach replaces an
// older one.
struct Reach {
  uint64_t revision;
  Duration timeout;
  friend bool operator==(const Reach&, const Reach&) = default;
};
struct StopReaching {
  friend bool operator==(const StopReaching&, const StopReaching&) = default;
};
// Prepares a failed revision again; answered by Pushed or Rejected.
struct TryAgain {
  Revision revision;
  friend bool operator==(const TryAgain&, const TryAgain&) = default;
};
struct TellApplied {
  Revision revision;
  friend bool operator==(const TellApplied&, const TellApplied&) = default;
};
// If the failure is final, also keeps it on the disk, so that it is known after a restart.
struct TellRefused {
  Revision revision;
  Failure failure;
  friend bool operator==(const TellRefused&, const TellRefused&) = default;
};
struct ForgetRefusal {
  friend bool operator==(const ForgetRefusal&, const ForgetRefusal&) = default;
};

using Action = std::variant<Write, Enforce, Rewrite, PromoteTrial, DeleteTrial, KeepFallback,
                            TakeFallback, DeleteFallback, EndForbiddenFlows, Reach, StopReaching,
                            TryAgain, TellApplied, TellRefused, ForgetRefusal>;

struct Next {
  State state;
  std::vector<Action> actions;
};

Next Step(State state, const Event& event, Time now);

// Returns when the state wants a Tick, or nullopt if it waits for another event.
std::optional<Time> WakeAt(const State& state);

// --- What a state says

// Returns what the kernel is to have, or nullopt if the kernel is to keep its rules, which are
// unknown.
std::optional<std::variant<Nothing, Shut, Revision>> Wanted(const State& state);
// Returns the revision, good or on trial, that the kernel has or is about to have again; null if
// there is none.
const Revision* InForce(const State& state);
// Returns the last revision that proved good and is in the kernel or would be restored; null if
// there is none.
const Revision* LastGood(const State& state);
bool OnTrial(const State& state);
// Returns the revision that the good revision falls back to if it is in doubt; null if it is not in
// doubt, or if it falls back to no revision.
const Revision* FallbackOf(const State& state);
// Returns when a person must have confirmed the trial; nullopt if none waits for a person.
std::optional<Time> ConfirmUntil(const State& state);
// Returns the base that the kernel has not yet taken since the agent's start; null if there is
// none.
const Base* StartingFrom(const State& state);

}  // namespace firebreak::agent::lifecycle

#endif  // FIREBREAK_AGENT_REVISION_LIFECYCLE_H_
