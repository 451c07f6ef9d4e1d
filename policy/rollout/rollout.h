// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_ROLLOUT_ROLLOUT_H_
#define FIREBREAK_POLICY_ROLLOUT_ROLLOUT_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace firebreak::policy {

// The state of a rollout, which moves the hosts of a fleet from one revision to another. A plain
// value.
//
// The hosts stand in one line, the first wave in front. The first `reached` of them are to have the
// new revision and all others the old one, whether they are connected, reconnect or are off. A wave
// begins when its first host is reached and ends when its gates have held for the soak time.
struct Rollout {
  enum class State {
    kRunning,  // hosts of the wave are being given the revision
    kSoaking,  // all of them have it; the gates must hold for a while
    kPaused,   // a person has paused it, or data is missing; failures still count
    kHalted,   // a gate has failed; a person must decide
    kUndoing,  // all hosts are being given back the old revision
    kUndone,
    kComplete,    // every host is to have the new revision
    kSuperseded,  // another change has taken its place
  };
  enum class OnFailure { kHalt, kUndo };

  struct Rules {
    size_t at_once = 0;       // hosts of a wave that may be on their way at a time; 0: no limit
    size_t tolerated = 0;     // hosts that may fail in the whole rollout
    absl::Duration soak;      // how long a wave's gates must hold
    absl::Duration patience;  // the time in which a connected host must answer
    absl::Duration silence;   // a host of the wave that is gone for longer has failed
    OnFailure on_failure = OnFailure::kHalt;
    friend bool operator==(const Rules&, const Rules&) = default;
  };

  uint64_t from = 0;  // revisions
  uint64_t to = 0;
  std::vector<std::string> line;  // names of hosts, each once
  std::vector<size_t> wave_ends;  // ascending; the last is line.size()
  Rules rules;

  State state = State::kRunning;
  size_t reached = 0;                // grows while the rollout goes on
  absl::Duration held;               // how long the gates of this wave have held
  std::vector<std::string> failed;   // hosts, in the order in which they failed; each once
  std::vector<std::string> excused;  // the failed hosts that a person has passed over
  std::string reason;                // why it is halted, paused or undone; readable

  friend bool operator==(const Rollout&, const Rollout&) = default;
};

// Returns "running", "soaking" and so on.
absl::string_view StateText(Rollout::State state);

// Whether the rollout has reached a final state.
bool HasEnded(const Rollout& rollout);

// Returns the wave that `reached` is in, counted from 0, or the number of waves once all hosts are
// reached and the last wave has held.
size_t WaveOf(const Rollout& rollout);

// What a reached host has reported about the new revision.
enum class HostProgress {
  kWaiting,  // connected, but has not answered
  kApplied,
  kRefused,  // or undone by the host itself
  kSilent,   // was connected after it was reached, and is gone
  kAbsent,   // it has not been connected since then: it says nothing about the revision. While a
             // controller that has just started cannot know that, the host counts as silent.
};

// What the gates of the strategy say about a host that has applied the revision.
enum class HostGates {
  kHold,
  kNoData,  // something that the gates need has not been reported (yet)
  kFailed,
};

struct HostObservation {
  HostProgress progress = HostProgress::kAbsent;
  absl::Duration since;     // how long `progress` has been so
  std::string detail = {};  // the host's own reason for a refusal

  HostGates gates = HostGates::kHold;
  absl::Duration gates_since;     // how long `gates` has been so
  std::string gates_detail = {};  // why the gates do not hold
};

// Conditions for the hosts that are not reached yet.
struct RoadAhead {
  // The length of the part of the line, from its front, that the gates allow to be reached now. A
  // host must be measured before it changes, so that the gates can compare.
  size_t open = std::numeric_limits<size_t>::max();
  std::string waits_for = {};  // what the next host still lacks
  absl::Duration waits;        // for how long it has been lacking
  bool window_open = true;     // whether a wave may begin now
  // Hosts that are not reached yet and must not get the revision, each with the reason.
  std::vector<std::pair<std::string, std::string>> refused = {};
};

enum class RolloutCommand {
  kPause,
  kResume,   // continues a paused rollout
  kPromote,  // goes on to the next wave now; failed hosts are passed over
  kUndo,
};

// Advances the rollout by one step. `observations[i]` describes `line[i]`, for i < reached.
// `elapsed` is the monotonic time since the previous step, counted only while the controller runs.
// The gates of the present wave only are considered. Missing data never counts as a pass, and
// pauses the rollout once data has been missing for `patience`.
Rollout Advance(Rollout rollout, const std::vector<HostObservation>& observations,
                absl::Duration elapsed, const RoadAhead& ahead = {});

// Carries out a person's command; `who` is recorded. `error` says why nothing has changed and what
// to do instead; it is empty on success.
struct CommandResult {
  Rollout rollout;
  std::string error;
};
CommandResult Command(Rollout rollout, RolloutCommand command, absl::string_view who);

// Records that all hosts have been given back the old revision.
Rollout FinishUndo(Rollout rollout);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_ROLLOUT_ROLLOUT_H_
