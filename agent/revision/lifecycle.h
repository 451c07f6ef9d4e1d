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
#include "base/backoff/backoff.h"

// The life of revisions on one host, as values: which one is in force, which one is on trial, which
// one failed and when it is tried again. `Step` takes a state and an event and returns the next
// state and what is to be done. It performs nothing and reads no clock.
//
//   Nothing ──push──▶ write ──▶ enforce ──▶ Trial ──reached──▶ Good
//                       │          │          │ silence for the reach timeout
//                       ▼          ▼          ▼
//                    refused ◀── Undoing ◀────┘    back to what stood before
//
// What holds in every state, whatever happens:
//  - Nothing is enforced that is not on the disk, so that an agent that dies at any moment finds
//    what the kernel has.
//  - A host that has a policy never goes back to having no rules by a failure.
//  - A trial ends: with the controller's answer, or when the controller has been silent for the
//    reach timeout while the agent asked. Time in which nothing was asked, or in which the answer
//    proves that the way is open, does not count.
//  - A revision is told as applied only if the kernel has it and it is on trial no longer, and as
//    refused only if the kernel has let go of it.
namespace firebreak::agent::lifecycle {

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;
using Duration = Clock::duration;

struct Revision {
  uint64_t number = 0;
  std::string policy;  // digest of the policy that was pushed
  std::string rules;   // digest of its rules on this host; empty: it has none

  // Whether both are the same push; its rules may have changed with the host's interfaces.
  bool IsPushOf(const Revision& other) const {
    return number == other.number && policy == other.policy;
  }
  friend bool operator==(const Revision&, const Revision&) = default;
};

// What a host stands on, apart from trials. A failed trial goes back to it.
struct Nothing {  // no policy ever came, so there are no rules
  friend bool operator==(const Nothing&, const Nothing&) = default;
};
struct Shut {  // the policy on the disk cannot be read: nothing is open
  friend bool operator==(const Shut&, const Shut&) = default;
};
struct Kept {  // likewise, but the kernel still has the rules of before
  friend bool operator==(const Kept&, const Kept&) = default;
};
struct Good {
  Revision revision;
  friend bool operator==(const Good&, const Good&) = default;
};
using Base = std::variant<Nothing, Shut, Kept, Good>;

// In the kernel, but not proven yet to leave the way to the controller open.
struct Trial {
  Revision revision;
  Base base;  // what is restored if it fails
  // Whether the way is proven from nothing: no flow goes on that these rules would not let begin.
  bool from_nothing = false;
  Duration silent{};          // how long the controller was asked in vain
  int stalled = 0;            // attempts in a row during which this agent did not run
  std::optional<Time> asked;  // since when an attempt is under way
  Duration limit{};           // of that attempt
  Time next;                  // otherwise: when the next attempt begins
};

// How a revision failed.
struct Failure {
  enum class Kind { kRefused, kUndone };
  Kind kind = Kind::kRefused;
  std::string reason;
  std::string resource;  // what of it was at fault; empty: unknown
  bool final = true;     // trying again would not help
  friend bool operator==(const Failure&, const Failure&) = default;
};

// The base is what the kernel should have, but it has not taken it yet.
struct Starting {
  // A trial that the disk has and the kernel may have, but did not take again.
  struct Dropped {
    Revision revision;
    Failure failure;
  };
  Base base;
  Time retry;
  std::optional<Dropped> dropped;
};

enum class File { kGood, kTrial };

// The kernel has, or may have, the rules of a revision that failed. It stays a trial on the disk
// until the kernel has let go of it.
struct Undoing {
  Revision failed;
  Failure failure;
  File file;  // where the failed revision is on the disk
  std::variant<Base, Trial> back_to;
  Time retry;
};

using Standing = std::variant<Nothing, Shut, Kept, Good, Starting, Trial, Undoing>;

// A pushed revision on its way to the kernel.
struct Change {
  enum class Stage { kWriting, kEnforcing, kResuming };
  Revision revision;
  bool on_trial = true;
  Stage stage = Stage::kWriting;
};

// The newest revision that is not in force because it failed.
struct Failed {
  enum class Next {
    kNothing,  // the failure is final, or something newer came
    kAsk,      // whether the controller can be reached without the revision
    kRetry,    // apply it again
  };
  Revision revision;
  Failure failure;
  int trials = 0;    // that it failed
  int evidence = 0;  // those of them right after which the controller could be reached
  Next next = Next::kNothing;
  Time at;                    // when that is due
  std::optional<Time> asked;  // as in Trial
  Duration limit{};
  Duration silent{};
};

struct Settings {
  Duration reach_timeout = std::chrono::seconds(30);
};

struct State {
  Settings settings;
  Standing standing;
  std::optional<Change> change;
  std::optional<Failed> failed;
  // Pauses between attempts: to reach the controller, to enforce what the kernel did not take, to
  // apply a revision that was refused, and to try one again that was undone.
  Backoff asking{absl::Seconds(1), absl::Seconds(30)};
  Backoff enforcing{absl::Seconds(1), absl::Seconds(60)};
  Backoff applying{absl::Seconds(1), absl::Minutes(5)};
  Backoff trying{absl::Minutes(1), absl::Minutes(10)};
  std::minstd_rand random;
};

State MakeState(Settings settings, uint32_t seed);

// After so many trials of a revision that failed while the controller could be reached without it,
// the revision is at fault.
inline constexpr int kEnoughEvidence = 4;

// --- Events

// What the disk and the kernel have at the agent's start.
struct Found {
  enum class Kernel { kNoRules, kTrial, kOther };
  std::optional<Revision> good;  // that can be read
  bool has_good_file = false;    // even if it cannot
  std::optional<Revision> trial;
  Kernel kernel = Kernel::kNoRules;  // kTrial: the very rules of `trial`
  std::optional<Failed> failed;
};
// A revision came, was checked, and could be applied.
struct Pushed {
  Revision revision;
  bool again = false;  // it came of TryAgain, not from the controller
};
// A revision that cannot be applied as it is.
struct Rejected {
  Revision revision;
  Failure failure;
  bool again = false;
};
// Outcomes of Write and Enforce.
struct Written {
  std::optional<Failure> failure;
};
struct Enforced {
  std::string rules;  // read back
  std::optional<Failure> failure;
};
// Outcome of EndForbiddenFlows.
struct FlowsEnded {};
// Outcome of Reach.
struct Reached {
  enum class Contact {
    kAnswered,
    kOpen,    // no answer, but the controller was there: it is busy, or just being restarted
    kSilent,  // nothing came back
    kUnable,  // it could not even be asked
  };
  Contact contact = Contact::kAnswered;
  std::string reason;
  Duration retry_after{};  // how long a busy controller wants to be left alone; 0: not said
};
// The rules of what is in force were made anew, for other interfaces say.
struct Renewed {
  std::string rules;
};
// The host's interfaces changed: a revision that was refused for want of one may be applied now.
struct HostChanged {};
// Time has passed; see WakeAt.
struct Tick {};

using Event = std::variant<Found, Pushed, Rejected, Written, Enforced, FlowsEnded, Reached, Renewed,
                           HostChanged, Tick>;

// --- Actions, to be performed in their order

// Awaited: the next event is its outcome, Written.
struct Write {
  File file;
  Revision revision;
  friend bool operator==(const Write&, const Write&) = default;
};
// Awaited: the next event is its outcome, Enforced.
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
// Ends the flows of this host that the rules in the kernel would not let begin; answered by
// FlowsEnded. What is reached afterwards owes nothing to what was open before.
struct EndForbiddenFlows {
  friend bool operator==(const EndForbiddenFlows&, const EndForbiddenFlows&) = default;
};
// Opens a new connection to the controller; answered once by Reached. A newer one replaces it.
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
// Also keeps a final failure on the disk, so that it is known after a restart.
struct TellRefused {
  Revision revision;
  Failure failure;
  friend bool operator==(const TellRefused&, const TellRefused&) = default;
};
struct ForgetRefusal {
  friend bool operator==(const ForgetRefusal&, const ForgetRefusal&) = default;
};

using Action = std::variant<Write, Enforce, Rewrite, PromoteTrial, DeleteTrial, EndForbiddenFlows,
                            Reach, StopReaching, TryAgain, TellApplied, TellRefused, ForgetRefusal>;

struct Next {
  State state;
  std::vector<Action> actions;
};

Next Step(State state, const Event& event, Time now);

// When the state wants a Tick; none: it waits for another event.
std::optional<Time> WakeAt(const State& state);

// --- What a state says

// What the kernel is to have; none: what it has, which is unknown.
std::optional<std::variant<Nothing, Shut, Revision>> Wanted(const State& state);
// The revision that the kernel has or is about to have again, good or on trial; null: none.
const Revision* InForce(const State& state);
// The last revision that proved good and is in the kernel or would be restored; null: none.
const Revision* LastGood(const State& state);
bool OnTrial(const State& state);
// What the kernel has not taken yet at the agent's start; null: it has.
const Base* StartingFrom(const State& state);

}  // namespace firebreak::agent::lifecycle

#endif  // FIREBREAK_AGENT_REVISION_LIFECYCLE_H_
