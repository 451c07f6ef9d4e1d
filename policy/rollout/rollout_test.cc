// SPDX-License-Identifier: Apache-2.0
#include "policy/rollout/rollout.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

namespace firebreak::policy {
namespace {

using State = Rollout::State;

constexpr absl::Duration kSecond = absl::Seconds(1);

// Seven hosts in waves of one, two and four.
Rollout Fresh() {
  return {
      .from = 4,
      .to = 5,
      .line = {"a", "b", "c", "d", "e", "f", "g"},
      .wave_ends = {1, 3, 7},
      .rules = {
          .soak = absl::Seconds(10), .patience = absl::Seconds(60), .silence = absl::Seconds(30)}};
}

std::vector<HostObservation> All(const Rollout& rollout, HostProgress progress,
                                 absl::Duration since = absl::ZeroDuration()) {
  return std::vector<HostObservation>(rollout.reached, {.progress = progress, .since = since});
}

Rollout Applied(Rollout rollout, absl::Duration elapsed = kSecond) {
  std::vector<HostObservation> all = All(rollout, HostProgress::kApplied);
  return Advance(std::move(rollout), all, elapsed);
}

// The rollout has begun, and the first wave has applied the revision.
Rollout Soaking() { return Applied(Applied(Fresh())); }

TEST(Rollout, BeginsWithTheFirstWaveOnly) {
  const Rollout begun = Advance(Fresh(), {}, kSecond);
  EXPECT_EQ(begun.state, State::kRunning);
  EXPECT_EQ(begun.reached, 1u);
}

TEST(Rollout, WaitsUntilTheWaveHasAppliedAndThenForTheSoakTime) {
  Rollout rollout = Advance(Fresh(), {}, kSecond);
  rollout = Advance(rollout, All(rollout, HostProgress::kWaiting, absl::Seconds(60)), kSecond);
  EXPECT_EQ(rollout.state, State::kRunning);
  rollout = Applied(rollout);
  EXPECT_EQ(rollout.state, State::kSoaking);
  rollout = Applied(rollout, absl::Seconds(9));
  EXPECT_EQ(rollout.reached, 1u);
  rollout = Applied(rollout, absl::Seconds(1));
  EXPECT_EQ(rollout.state, State::kRunning);
  EXPECT_EQ(rollout.reached, 3u);
}

TEST(Rollout, IsCompleteOnceTheLastWaveHasHeld) {
  Rollout rollout = Fresh();
  for (int i = 0; i < 100 && !HasEnded(rollout); ++i) rollout = Applied(rollout);
  EXPECT_EQ(rollout.state, State::kComplete);
  EXPECT_EQ(rollout.reached, 7u);
  EXPECT_EQ(WaveOf(rollout), 3u);
}

TEST(Rollout, OfNobodyIsCompleteAtOnce) {
  Rollout rollout = Fresh();
  rollout.line.clear();
  rollout.wave_ends = {0};
  EXPECT_EQ(Advance(rollout, {}, kSecond).state, State::kComplete);
}

struct GateCase {
  const char* name;
  HostObservation seen;
  const char* reason;  // null: the gate holds
};

class Gate : public testing::TestWithParam<GateCase> {};

TEST_P(Gate, HaltsTheRolloutBeforeTheNextWave) {
  const Rollout rollout = Advance(Soaking(), {GetParam().seen}, absl::Minutes(5));
  if (GetParam().reason == nullptr) {
    EXPECT_NE(rollout.state, State::kHalted);
    return;
  }
  EXPECT_EQ(rollout.state, State::kHalted);
  EXPECT_EQ(rollout.reached, 1u);
  EXPECT_EQ(rollout.reason, GetParam().reason);
  EXPECT_EQ(rollout.failed, std::vector<std::string>{"a"});
}

INSTANTIATE_TEST_SUITE_P(
    All, Gate,
    testing::Values(GateCase{"Refused",
                             {HostProgress::kRefused, {}, "no new connection could be opened"},
                             "host a: no new connection could be opened"},
                    GateCase{"NoAnswer",
                             {HostProgress::kWaiting, absl::Seconds(61)},
                             "host a has not answered for 1m1s"},
                    GateCase{
                        "AnswerNotDueYet", {HostProgress::kWaiting, absl::Seconds(60)}, nullptr},
                    GateCase{"GoneSilent",
                             {HostProgress::kSilent, absl::Seconds(31)},
                             "host a has been silent for 31s since it was sent the revision"},
                    GateCase{"BrieflyGone", {HostProgress::kSilent, absl::Seconds(30)}, nullptr},
                    GateCase{"WasOffAlready", {HostProgress::kAbsent, absl::Hours(1)}, nullptr}),
    [](const auto& info) { return info.param.name; });

TEST(Rollout, TimeInWhichAHostIsGoneIsNoSoakTime) {
  Rollout rollout = Soaking();
  rollout = Advance(rollout, {{HostProgress::kSilent, absl::Seconds(1)}}, absl::Hours(1));
  EXPECT_EQ(rollout.state, State::kSoaking);
  EXPECT_EQ(rollout.held, absl::ZeroDuration());
}

TEST(Rollout, WithoutDataItPausesInsteadOfPassing) {
  Rollout rollout = Advance(Fresh(), {}, kSecond);
  rollout = Advance(rollout, All(rollout, HostProgress::kAbsent), kSecond);
  EXPECT_EQ(rollout.state, State::kPaused);
  EXPECT_EQ(rollout.reason, "no host of wave 1 has applied it");
  EXPECT_EQ(rollout.reached, 1u);
}

HostObservation WithGates(HostGates gates, absl::Duration since = kSecond) {
  return {.progress = HostProgress::kApplied,
          .gates = gates,
          .gates_since = since,
          .gates_detail = "probe web found it silent"};
}

TEST(Rollout, AFailedGateHaltsIt) {
  const Rollout rollout = Advance(Soaking(), {WithGates(HostGates::kFailed)}, kSecond);
  EXPECT_EQ(rollout.state, State::kHalted);
  EXPECT_EQ(rollout.reached, 1u);
  EXPECT_EQ(rollout.reason, "host a: probe web found it silent");
}

TEST(Rollout, AGateWithoutDataIsAPauseAndNoPass) {
  Rollout rollout = Soaking();
  rollout = Advance(rollout, {WithGates(HostGates::kNoData)}, absl::Hours(1));
  EXPECT_EQ(rollout.state, State::kSoaking);
  EXPECT_EQ(rollout.held, absl::ZeroDuration());
  rollout = Advance(rollout, {WithGates(HostGates::kNoData, absl::Seconds(61))}, kSecond);
  EXPECT_EQ(rollout.state, State::kPaused);
  EXPECT_NE(rollout.reason.find("no data: host a: probe web"), std::string::npos) << rollout.reason;
  EXPECT_EQ(rollout.reached, 1u);
}

TEST(Rollout, NoHostIsReachedBeforeItIsMeasured) {
  RoadAhead ahead = {.open = 0, .waits_for = "host a has not been measured", .waits = kSecond};
  Rollout rollout = Advance(Fresh(), {}, kSecond, ahead);
  EXPECT_EQ(rollout.reached, 0u);
  EXPECT_EQ(rollout.state, State::kRunning);
  ahead.open = 7;
  EXPECT_EQ(Advance(rollout, {}, kSecond, ahead).reached, 1u);
  ahead.open = 0;
  ahead.waits = absl::Seconds(61);
  rollout = Advance(rollout, {}, kSecond, ahead);
  EXPECT_EQ(rollout.state, State::kPaused);
  // A person promotes it: the first wave begins, and not the second one as well.
  EXPECT_EQ(Command(rollout, RolloutCommand::kPromote, "she").rollout.reached, 1u);
}

TEST(Rollout, WithinAWaveTooTheMeasuredOnesGoFirst) {
  Rollout rollout = Advance(Soaking(), {WithGates(HostGates::kHold)}, absl::Seconds(10),
                            {.open = 2, .waits_for = "c"});
  EXPECT_EQ(rollout.reached, 2u);
  rollout = Advance(rollout, All(rollout, HostProgress::kApplied), kSecond, {.open = 2});
  EXPECT_EQ(rollout.reached, 2u);
  EXPECT_EQ(rollout.state, State::kRunning);
  rollout = Advance(rollout, All(rollout, HostProgress::kApplied), kSecond, {.open = 3});
  EXPECT_EQ(rollout.reached, 3u);
}

TEST(Rollout, AHostThatMustNotGetItHaltsIt) {
  const RoadAhead ahead = {.open = 1, .refused = {{"b", "4 live flows would be cut"}}};
  Rollout rollout = Advance(Soaking(), {WithGates(HostGates::kHold)}, kSecond, ahead);
  EXPECT_EQ(rollout.state, State::kHalted);
  EXPECT_EQ(rollout.reached, 1u);
  EXPECT_EQ(rollout.reason, "host b is not to get it: 4 live flows would be cut");
  rollout = Command(rollout, RolloutCommand::kPromote, "she").rollout;
  EXPECT_EQ(rollout.reached, 3u);
}

TEST(Rollout, WavesBeginInWindowsOnly) {
  Rollout rollout = Advance(Fresh(), {}, kSecond, {.window_open = false});
  EXPECT_EQ(rollout.reached, 0u);
  rollout =
      Advance(Soaking(), {WithGates(HostGates::kHold)}, absl::Hours(9), {.window_open = false});
  EXPECT_EQ(rollout.state, State::kSoaking);
  EXPECT_EQ(rollout.reached, 1u);
  EXPECT_EQ(Advance(rollout, {WithGates(HostGates::kHold)}, kSecond).reached, 3u);
}

TEST(Rollout, AnOldWavesRefusalCountsItsSilenceDoesNot) {
  Rollout rollout = Applied(Soaking(), absl::Seconds(10));
  ASSERT_EQ(rollout.reached, 3u);
  std::vector<HostObservation> seen = All(rollout, HostProgress::kApplied);
  seen[0] = {HostProgress::kSilent, absl::Hours(1)};
  EXPECT_EQ(Advance(rollout, seen, kSecond).state, State::kSoaking);
  seen[0] = {HostProgress::kRefused, {}, "undone"};
  EXPECT_EQ(Advance(rollout, seen, kSecond).state, State::kHalted);
}

TEST(Rollout, ToleratesAsManyFailuresAsItsStrategySays) {
  Rollout rollout = Applied(Soaking(), absl::Seconds(10));
  rollout.rules.tolerated = 1;
  std::vector<HostObservation> seen = All(rollout, HostProgress::kApplied);
  seen[1] = {HostProgress::kRefused, {}, "x"};
  rollout = Advance(rollout, seen, kSecond);
  EXPECT_EQ(rollout.state, State::kSoaking);
  seen[2] = {HostProgress::kRefused, {}, "x"};
  EXPECT_EQ(Advance(rollout, seen, kSecond).state, State::kHalted);
}

TEST(Rollout, FailureIsTakenBackIfTheStrategySaysSo) {
  Rollout rollout = Soaking();
  rollout.rules.on_failure = Rollout::OnFailure::kUndo;
  rollout = Advance(rollout, {{HostProgress::kRefused, {}, "x"}}, kSecond);
  EXPECT_EQ(rollout.state, State::kUndoing);
  EXPECT_EQ(FinishUndo(rollout).state, State::kUndone);
}

TEST(Rollout, SendsOnlySoManyHostsOnTheirWayAtATime) {
  Rollout rollout = Fresh();
  rollout.wave_ends = {7};
  rollout.rules.at_once = 2;
  rollout = Advance(rollout, {}, kSecond);
  EXPECT_EQ(rollout.reached, 2u);
  std::vector<HostObservation> seen = All(rollout, HostProgress::kWaiting);
  EXPECT_EQ(Advance(rollout, seen, kSecond).reached, 2u);
  seen[0].progress = HostProgress::kApplied;
  EXPECT_EQ(Advance(rollout, seen, kSecond).reached, 3u);
}

struct CommandCase {
  State state;
  RolloutCommand command;
  State then;  // the same as `state` if the command is refused
  bool refused;
};

TEST(RolloutCommand, DoesWhatItsStateAllows) {
  const CommandCase kCases[] = {
      {State::kRunning, RolloutCommand::kPause, State::kPaused, false},
      {State::kSoaking, RolloutCommand::kPause, State::kPaused, false},
      {State::kPaused, RolloutCommand::kPause, State::kPaused, true},
      {State::kHalted, RolloutCommand::kPause, State::kHalted, true},
      {State::kPaused, RolloutCommand::kResume, State::kRunning, false},
      {State::kHalted, RolloutCommand::kResume, State::kHalted, true},
      {State::kRunning, RolloutCommand::kResume, State::kRunning, true},
      {State::kSoaking, RolloutCommand::kPromote, State::kRunning, false},
      {State::kHalted, RolloutCommand::kPromote, State::kRunning, false},
      {State::kRunning, RolloutCommand::kUndo, State::kUndoing, false},
      {State::kHalted, RolloutCommand::kUndo, State::kUndoing, false},
      {State::kUndoing, RolloutCommand::kUndo, State::kUndoing, true},
      {State::kUndone, RolloutCommand::kPromote, State::kUndone, true},
      {State::kComplete, RolloutCommand::kUndo, State::kComplete, true},
  };
  for (const CommandCase& one : kCases) {
    Rollout rollout = Soaking();
    rollout.state = one.state;
    const CommandResult result = Command(rollout, one.command, "admin");
    SCOPED_TRACE(StateText(one.state));
    EXPECT_EQ(result.rollout.state, one.then);
    EXPECT_EQ(!result.error.empty(), one.refused);
    if (one.refused) {
      EXPECT_EQ(result.rollout, rollout);
    }
  }
}

TEST(RolloutCommand, PromotingPassesOverWhoHasFailed) {
  Rollout rollout = Advance(Soaking(), {{HostProgress::kRefused, {}, "x"}}, kSecond);
  ASSERT_EQ(rollout.state, State::kHalted);
  rollout = Command(rollout, RolloutCommand::kPromote, "admin").rollout;
  EXPECT_EQ(rollout.reached, 3u);
  std::vector<HostObservation> seen = All(rollout, HostProgress::kApplied);
  seen[0] = {HostProgress::kRefused, {}, "x"};
  EXPECT_EQ(Advance(rollout, seen, kSecond).state, State::kSoaking);
}

TEST(RolloutCommand, AFailureDuringAPauseIsActedOn) {
  Rollout paused = Command(Soaking(), RolloutCommand::kPause, "admin").rollout;
  EXPECT_EQ(Advance(paused, {{HostProgress::kApplied}}, kSecond).state, State::kPaused);
  EXPECT_EQ(Advance(paused, {{HostProgress::kRefused, {}, "x"}}, kSecond).state, State::kHalted);
  paused.rules.on_failure = Rollout::OnFailure::kUndo;
  EXPECT_EQ(Advance(paused, {{HostProgress::kRefused, {}, "x"}}, kSecond).state, State::kUndoing);
}

// Under random events, no host is reached before the wave in front of it has held or a person has
// said so. A reached host stays reached until the rollout is undone. No further host is reached
// after a failure that is not excused. A rollout with only good hosts ends.
TEST(Rollout, KeepsItsPromisesUnderRandomEvents) {
  for (unsigned seed = 1; seed <= 3000; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto below = [&random](size_t end) {
      return std::uniform_int_distribution<size_t>(0, end - 1)(random);
    };
    Rollout rollout = Fresh();
    rollout.rules.at_once = below(3);
    rollout.rules.tolerated = below(2);
    if (below(2) == 0) rollout.rules.on_failure = Rollout::OnFailure::kUndo;
    for (int step = 0; step < 60; ++step) {
      const Rollout before = rollout;
      const size_t wave = WaveOf(before);
      bool by_person = false;
      bool wave_whole = true;  // each of its hosts has applied it, is absent or has failed
      size_t unexcused = 0;
      if (below(8) == 0) {
        const auto command = static_cast<RolloutCommand>(below(4));
        rollout = Command(rollout, command, "somebody").rollout;
        by_person = command == RolloutCommand::kPromote;
      } else {
        std::vector<HostObservation> seen;
        for (size_t i = 0; i < rollout.reached; ++i) {
          const size_t dice = below(20);
          seen.push_back({dice == 0   ? HostProgress::kRefused
                          : dice == 1 ? HostProgress::kSilent
                          : dice == 2 ? HostProgress::kWaiting
                          : dice == 3 ? HostProgress::kAbsent
                                      : HostProgress::kApplied,
                          absl::Seconds(below(80)), "x"});
        }
        rollout = Advance(rollout, seen, absl::Seconds(below(8)));
        const std::set<std::string> failed(rollout.failed.begin(), rollout.failed.end());
        unexcused = rollout.failed.size() - rollout.excused.size();
        for (size_t i = wave == 0 ? 0 : before.wave_ends[wave - 1]; i < before.reached; ++i) {
          const bool settled = seen[i].progress == HostProgress::kApplied ||
                               seen[i].progress == HostProgress::kAbsent ||
                               failed.contains(before.line[i]);
          wave_whole = wave_whole && settled;
        }
      }
      ASSERT_GE(rollout.reached, before.reached);
      ASSERT_LE(rollout.reached, rollout.line.size());
      if (before.reached > 0 && WaveOf(rollout) > wave && !by_person) {
        ASSERT_EQ(before.state, State::kSoaking);
        ASSERT_EQ(before.reached, before.wave_ends[wave]);
        ASSERT_TRUE(wave_whole);
      }
      if (rollout.reached > before.reached && !by_person) {
        ASSERT_LE(unexcused, rollout.rules.tolerated);
      }
      if (HasEnded(before)) {
        ASSERT_EQ(rollout, before);
      }
      if (rollout.state == State::kComplete) {
        ASSERT_EQ(rollout.reached, rollout.line.size());
      }
    }
    rollout.excused = rollout.failed;
    if (rollout.state == State::kHalted || rollout.state == State::kPaused) {
      rollout = Command(rollout, RolloutCommand::kPromote, "somebody").rollout;
    }
    for (int step = 0; step < 200 && !HasEnded(rollout); ++step) {
      rollout = rollout.state == State::kUndoing ? FinishUndo(rollout) : Applied(rollout);
    }
    ASSERT_TRUE(HasEnded(rollout)) << StateText(rollout.state);
  }
}

}  // namespace
}  // namespace firebreak::policy
