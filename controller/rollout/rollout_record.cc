// SPDX-License-Identifier: Apache-2.0
#include "controller/rollout/rollout_record.h"

#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "policy/resources/time_span.h"

namespace firebreak::controller {
namespace {

constexpr absl::Duration kSoak = absl::Minutes(1);
constexpr absl::Duration kTimeout = absl::Minutes(2);
constexpr absl::Duration kSilence = absl::Minutes(1);

using State = policy::Rollout::State;

constexpr struct {
  State state;
  v1::StagedRollout::State word;
} kStates[] = {
    {State::kRunning, v1::StagedRollout::running},
    {State::kSoaking, v1::StagedRollout::soaking},
    {State::kPaused, v1::StagedRollout::paused},
    {State::kHalted, v1::StagedRollout::halted},
    {State::kUndoing, v1::StagedRollout::undoing},
    {State::kUndone, v1::StagedRollout::undone},
    {State::kComplete, v1::StagedRollout::complete},
    {State::kSuperseded, v1::StagedRollout::superseded},
};

policy::Rollout::Rules RulesOf(const v1::RolloutStrategy& strategy) {
  return {.at_once = strategy.at_once(),
          .tolerated = strategy.tolerate(),
          .soak = strategy.has_soak() ? policy::ToDuration(strategy.soak()) : kSoak,
          .patience = strategy.has_timeout() ? policy::ToDuration(strategy.timeout()) : kTimeout,
          .silence = strategy.has_silence() ? policy::ToDuration(strategy.silence()) : kSilence,
          .on_failure = strategy.on_failure() == v1::RolloutFailure::undo
                            ? policy::Rollout::OnFailure::kUndo
                            : policy::Rollout::OnFailure::kHalt};
}

absl::Status Impossible(const v1::StagedRollout& record, absl::string_view why) {
  return absl::DataLossError(
      absl::StrCat("the record of the rollout of revision ", record.revision(), ": ", why));
}

}  // namespace

policy::Rollout NewRollout(const v1::RolloutStrategy& strategy, const policy::Waves& waves,
                           uint64_t from, uint64_t to) {
  return {.from = from,
          .to = to,
          .line = waves.line,
          .wave_ends = waves.ends,
          .rules = RulesOf(strategy)};
}

absl::StatusOr<policy::Rollout> ReadRollout(const v1::StagedRollout& record) {
  policy::Rollout rollout{.from = record.from(), .to = record.revision()};
  rollout.line.assign(record.line().begin(), record.line().end());
  rollout.wave_ends.assign(record.wave_ends().begin(), record.wave_ends().end());
  rollout.rules = RulesOf(record.strategy());
  rollout.reached = record.reached();
  rollout.failed.assign(record.failed().begin(), record.failed().end());
  rollout.excused.assign(record.excused().begin(), record.excused().end());
  rollout.reason = record.reason();
  if (std::set<std::string>(rollout.line.begin(), rollout.line.end()).size() !=
      rollout.line.size()) {
    return Impossible(record, "a host is in it twice");
  }
  if (rollout.wave_ends.empty() || rollout.wave_ends.back() != rollout.line.size() ||
      !std::is_sorted(rollout.wave_ends.begin(), rollout.wave_ends.end())) {
    return Impossible(record, "its waves do not fit its hosts");
  }
  if (rollout.reached > rollout.line.size()) {
    return Impossible(record, "it has reached more hosts than there are");
  }
  for (const auto& [state, word] : kStates) {
    if (word != record.state()) continue;
    rollout.state = state;
    return rollout;
  }
  return Impossible(record, "it is in no state that this program knows");
}

void WriteProgress(const policy::Rollout& rollout, v1::StagedRollout& record) {
  for (const auto& [state, word] : kStates) {
    if (state == rollout.state) record.set_state(word);
  }
  record.set_reason(rollout.reason);
  record.mutable_held()->set_seconds(absl::ToInt64Seconds(rollout.held));
  record.set_reached(rollout.reached);
  record.mutable_failed()->Assign(rollout.failed.begin(), rollout.failed.end());
  record.mutable_excused()->Assign(rollout.excused.begin(), rollout.excused.end());
  record.mutable_line()->Assign(rollout.line.begin(), rollout.line.end());
  record.mutable_wave_ends()->Assign(rollout.wave_ends.begin(), rollout.wave_ends.end());
}

}  // namespace firebreak::controller
