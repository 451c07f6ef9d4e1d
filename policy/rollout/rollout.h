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

// The movement of a fleet's hosts from one revision to another, as a value.
//
// The hosts stand in one line, the first wave in front. The first `reached` of them are to have the
// new revision, all others the old one, whatever else happens: whether they connect, reconnect or
// were off meanwhile. A wave begins when its hosts are reached and ends when its gates have held
// for the soak time.
struct Rollout {
  enum class State {
    kRunning,  // the wave's hosts get the revision
    kSoaking,  // all of them have it; the gates must hold for a while
    kPaused,   // a person has stopped it for now, or there is no data; a failure still counts
    kHalted,   // a gate has failed: it waits for a person
    kUndoing,  // all hosts get back what they had
    kUndone,
    kComplete,    // every host is to have the new revision
    kSuperseded,  // another change has taken its place
  };
  enum class OnFailure { kHalt, kUndo };

  struct Rules {
    size_t at_once = 0;       // hosts of a wave that may be on their way at a time; 0: all
    size_t tolerated = 0;     // hosts that may fail in the whole rollout
    absl::Duration soak;      // a wave's gates must hold for so long
    absl::Duration patience;  // within which a connected host must have answered
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
  size_t reached = 0;                // ascending while the rollout goes on
  absl::Duration held;               // how long the gates of this wave have held
  std::vector<std::string> failed;   // hosts, in the order in which they failed; each once
  std::vector<std::string> excused;  // of these, those that a person has passed over
  std::string reason;                // why it is halted, paused or undone; for people

  friend bool operator==(const Rollout&, const Rollout&) = default;
};

// "running", "soaking", …
absl::string_view StateText(Rollout::State state);

// Whether nothing more will happen.
bool HasEnded(const Rollout& rollout);

// The wave that `reached` is in, counted from 0; the number of waves once all is reached and held.
size_t WaveOf(const Rollout& rollout);

// What a reached host has said of the new revision.
enum class HostProgress {
  kWaiting,  // connected, and has not answered
  kApplied,
  kRefused,  // or undone by the host
  kSilent,   // it was connected since it was reached, and is gone
  kAbsent,   // it has not been connected since then: it says nothing about the revision. While a
             // controller that has just started cannot know that, the host counts as silent.
};

// What the gates of the strategy say of a host that has applied the revision.
enum class HostGates {
  kHold,
  kNoData,  // something that they ask for has not been told (yet)
  kFailed,
};

struct HostObservation {
  HostProgress progress = HostProgress::kAbsent;
  absl::Duration since;     // how long it has been so
  std::string detail = {};  // the host's own reason, of a refusal

  HostGates gates = HostGates::kHold;
  absl::Duration gates_since;     // how long they have said so
  std::string gates_detail = {};  // why they do not hold
};

// What stands in front of the hosts that are not reached yet.
struct RoadAhead {
  // So many hosts, from the front of the line, may be reached now as far as the gates go: they have
  // been measured before they change.
  size_t open = std::numeric_limits<size_t>::max();
  std::string waits_for = {};  // what the next one still lacks
  absl::Duration waits;        // since when
  bool window_open = true;     // waves may begin
  // Hosts ahead that must not get the revision, and why.
  std::vector<std::pair<std::string, std::string>> refused = {};
};

enum class RolloutCommand {
  kPause,
  kResume,   // a paused one goes on
  kPromote,  // goes on to the next wave now; hosts that have failed are passed over
  kUndo,
};

// One step: time has passed, and the reached hosts stand as they do. `observations[i]` is of
// `line[i]`, for i < reached. `elapsed` is by a clock that nobody sets, and counts only while the
// controller runs. What the gates say counts for the present wave only; no data is no pass, and a
// pause once it has lasted for `patience`.
Rollout Advance(Rollout rollout, const std::vector<HostObservation>& observations,
                absl::Duration elapsed, const RoadAhead& ahead = {});

// One step by a person, who is named for the record. `error` says why nothing has changed, and what
// can be done instead; empty: it has.
struct CommandResult {
  Rollout rollout;
  std::string error;
};
CommandResult Command(Rollout rollout, RolloutCommand command, absl::string_view who);

// All hosts have been given back what they had.
Rollout FinishUndo(Rollout rollout);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_ROLLOUT_ROLLOUT_H_
