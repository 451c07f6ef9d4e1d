// SPDX-License-Identifier: Apache-2.0
#include "policy/rollout/rollout.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"

namespace firebreak::policy {
namespace {

using State = Rollout::State;

bool Has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string Failure(const std::string& host, const HostObservation& seen) {
  switch (seen.progress) {
    case HostProgress::kRefused:
      return absl::StrCat("host ", host, ": ", seen.detail.empty() ? "refused" : seen.detail);
    case HostProgress::kWaiting:
      return absl::StrCat("host ", host, " has not answered for ",
                          absl::FormatDuration(absl::Floor(seen.since, absl::Seconds(1))));
    case HostProgress::kSilent:
      return absl::StrCat("host ", host, " has been silent for ",
                          absl::FormatDuration(absl::Floor(seen.since, absl::Seconds(1))),
                          " since it was sent the revision");
    case HostProgress::kApplied: return absl::StrCat("host ", host, ": ", seen.gates_detail);
    case HostProgress::kAbsent: break;
  }
  return host;
}

// Whether the host counts as failed. A refusal always counts. Silence counts only in the present
// wave: once a wave has passed its gates, a silent host may simply have been switched off.
bool HasFailed(const HostObservation& seen, bool in_wave, const Rollout::Rules& rules) {
  switch (seen.progress) {
    case HostProgress::kRefused: return true;
    case HostProgress::kWaiting: return in_wave && seen.since > rules.patience;
    case HostProgress::kSilent: return in_wave && seen.since > rules.silence;
    case HostProgress::kApplied: return in_wave && seen.gates == HostGates::kFailed;
    case HostProgress::kAbsent: return false;
  }
  return false;
}

size_t BeginOfWave(const Rollout& rollout) {
  const size_t wave = WaveOf(rollout);
  return wave == 0 ? 0 : rollout.wave_ends[wave - 1];
}

// Counts the reached hosts of the present wave by their progress.
struct Wave {
  size_t on_the_way = 0;  // waiting, or silent for less than the allowed time
  size_t applied = 0;
  // A host that has applied the revision and for which the gates have no data. If there are
  // several, the one latest in the line; none: there is no such host.
  std::optional<size_t> untold;
};

Wave Count(const Rollout& rollout, const std::vector<HostObservation>& observations) {
  Wave count;
  for (size_t i = BeginOfWave(rollout); i < rollout.reached && i < observations.size(); ++i) {
    const HostProgress progress = observations[i].progress;
    if (progress == HostProgress::kApplied) {
      ++count.applied;
      const bool untold = observations[i].gates == HostGates::kNoData;
      if (untold && !Has(rollout.failed, rollout.line[i])) count.untold = i;
    } else if (progress != HostProgress::kAbsent && !Has(rollout.failed, rollout.line[i])) {
      ++count.on_the_way;
    }
  }
  return count;
}

void Fail(Rollout& rollout, std::string reason) {
  rollout.reason = std::move(reason);
  rollout.state =
      rollout.rules.on_failure == Rollout::OnFailure::kUndo ? State::kUndoing : State::kHalted;
}

// Sends the revision to further hosts of the present wave, as far as `at_once` and `open` allow.
void Reach(Rollout& rollout, size_t on_the_way, size_t open) {
  const size_t end = std::max(rollout.reached, std::min(rollout.wave_ends[WaveOf(rollout)], open));
  const size_t room = rollout.rules.at_once == 0           ? end
                      : rollout.rules.at_once > on_the_way ? rollout.rules.at_once - on_the_way
                                                           : 0;
  rollout.reached = std::min(end, rollout.reached + room);
}

void Pause(Rollout& rollout, std::string reason) {
  rollout.state = State::kPaused;
  rollout.reason = std::move(reason);
}

// Pauses because there is no data to tell whether the gates hold.
void PauseWithoutData(Rollout& rollout, absl::string_view what) {
  Pause(rollout, absl::StrCat("no data: ", what,
                              "; see to it and go on with firebreak rollout resume, or go on "
                              "without with firebreak rollout promote"));
}

void BeginNextWave(Rollout& rollout, size_t open = std::numeric_limits<size_t>::max()) {
  rollout.held = absl::ZeroDuration();
  rollout.reason.clear();
  if (rollout.reached == rollout.line.size()) {
    rollout.state = State::kComplete;
    return;
  }
  rollout.state = State::kRunning;
  // WaveOf names the new wave only after its first host has been reached.
  ++rollout.reached;
  Reach(rollout, 1, open);
}

}  // namespace

absl::string_view StateText(State state) {
  switch (state) {
    case State::kRunning: return "running";
    case State::kSoaking: return "soaking";
    case State::kPaused: return "paused";
    case State::kHalted: return "halted";
    case State::kUndoing: return "undoing";
    case State::kUndone: return "undone";
    case State::kComplete: return "complete";
    case State::kSuperseded: return "superseded";
  }
  return "";
}

bool HasEnded(const Rollout& rollout) {
  return rollout.state == State::kUndone || rollout.state == State::kComplete ||
         rollout.state == State::kSuperseded;
}

size_t WaveOf(const Rollout& rollout) {
  if (rollout.state == State::kComplete) return rollout.wave_ends.size();
  const auto end =
      std::lower_bound(rollout.wave_ends.begin(), rollout.wave_ends.end(), rollout.reached);
  return static_cast<size_t>(end - rollout.wave_ends.begin());
}

namespace {

// Begins the next wave, unless the wave has to wait for its window or for measurements.
Rollout BeginIfOpen(Rollout rollout, const RoadAhead& ahead) {
  const bool last = rollout.reached == rollout.line.size();
  if (!last && !ahead.window_open) return rollout;
  if (!last && ahead.open <= rollout.reached) {
    if (ahead.waits > rollout.rules.patience) PauseWithoutData(rollout, ahead.waits_for);
    return rollout;
  }
  BeginNextWave(rollout, ahead.open);
  return rollout;
}

}  // namespace

Rollout Advance(Rollout rollout, const std::vector<HostObservation>& observations,
                absl::Duration elapsed, const RoadAhead& ahead) {
  if (HasEnded(rollout) || rollout.state == State::kUndoing) return rollout;

  // A halted rollout still records failures, so that the person who decides sees them. A paused
  // rollout can still fail, because its hosts have the revision.
  std::string newest;
  const size_t begin = BeginOfWave(rollout);
  for (size_t i = 0; i < rollout.reached && i < observations.size(); ++i) {
    const std::string& host = rollout.line[i];
    if (!HasFailed(observations[i], i >= begin, rollout.rules)) continue;
    if (Has(rollout.failed, host)) continue;
    rollout.failed.push_back(host);
    newest = Failure(host, observations[i]);
  }
  for (const auto& [host, why] : ahead.refused) {
    if (Has(rollout.failed, host)) continue;
    rollout.failed.push_back(host);
    newest = absl::StrCat("host ", host, " is not to get it: ", why);
  }
  if (rollout.state == State::kHalted) return rollout;
  if (rollout.failed.size() - rollout.excused.size() > rollout.rules.tolerated) {
    if (newest.empty()) newest = absl::StrCat("host ", rollout.failed.back(), " has failed");
    Fail(rollout, std::move(newest));
    return rollout;
  }
  if (rollout.state == State::kPaused) return rollout;

  if (rollout.reached == 0) return BeginIfOpen(std::move(rollout), ahead);
  const Wave wave = Count(rollout, observations);
  if (rollout.state == State::kRunning) {
    const size_t end = rollout.wave_ends[WaveOf(rollout)];
    if (rollout.reached < end) {
      if (ahead.open <= rollout.reached && ahead.waits > rollout.rules.patience) {
        PauseWithoutData(rollout, ahead.waits_for);
      } else {
        Reach(rollout, wave.on_the_way, ahead.open);
      }
      return rollout;
    }
    if (wave.on_the_way > 0) return rollout;
    // A wave of which no host has applied the revision proves nothing.
    if (wave.applied == 0) {
      Pause(rollout, absl::StrCat("no host of wave ", WaveOf(rollout) + 1, " has applied it"));
      return rollout;
    }
    rollout.state = State::kSoaking;
    rollout.held = absl::ZeroDuration();
    return rollout;
  }
  // Time in which a host of the wave is gone does not count as soaking.
  if (wave.on_the_way > 0) return rollout;
  if (wave.untold.has_value()) {
    const HostObservation& seen = observations[*wave.untold];
    if (seen.gates_since > rollout.rules.patience) {
      PauseWithoutData(rollout,
                       absl::StrCat("host ", rollout.line[*wave.untold], ": ", seen.gates_detail));
    }
    return rollout;
  }
  if (rollout.held < rollout.rules.soak) rollout.held += elapsed;
  if (rollout.held < rollout.rules.soak) return rollout;
  return BeginIfOpen(std::move(rollout), ahead);
}

CommandResult Command(Rollout rollout, RolloutCommand command, absl::string_view who) {
  const auto refuse = [&rollout](std::string error) {
    return CommandResult{std::move(rollout), std::move(error)};
  };
  if (HasEnded(rollout) || rollout.state == State::kUndoing) {
    return refuse(absl::StrCat("the rollout of revision ", rollout.to, " is ",
                               StateText(rollout.state), " already"));
  }
  switch (command) {
    case RolloutCommand::kPause:
      if (rollout.state == State::kPaused || rollout.state == State::kHalted) {
        return refuse(absl::StrCat("it is ", StateText(rollout.state), " already"));
      }
      rollout.state = State::kPaused;
      rollout.reason = absl::StrCat("paused by ", who);
      break;
    case RolloutCommand::kResume:
      if (rollout.state == State::kHalted) {
        return refuse(
            "a gate has failed; go on nevertheless with firebreak rollout promote, or take it back "
            "with firebreak rollout undo");
      }
      if (rollout.state != State::kPaused) {
        return refuse(absl::StrCat("it is ", StateText(rollout.state), ", not paused"));
      }
      rollout.state = State::kRunning;
      rollout.reason.clear();
      break;
    case RolloutCommand::kPromote:
      rollout.excused = rollout.failed;
      // If the rollout has reached nobody, the first wave is the next one.
      if (rollout.reached > 0) {
        rollout.reached = std::max(rollout.reached, rollout.wave_ends[WaveOf(rollout)]);
      }
      BeginNextWave(rollout);
      break;
    case RolloutCommand::kUndo:
      rollout.state = State::kUndoing;
      rollout.reason = absl::StrCat("undone by ", who);
      break;
  }
  return {std::move(rollout), ""};
}

Rollout FinishUndo(Rollout rollout) {
  rollout.state = State::kUndone;
  return rollout;
}

}  // namespace firebreak::policy
