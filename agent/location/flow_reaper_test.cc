// SPDX-License-Identifier: Apache-2.0

// Replaces connection tracking by a fake; tests/e2e/test_location_flows.py tests with the real one.

#include "agent/location/flow_reaper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"

namespace firebreak::agent {
namespace {

using testing::ElementsAre;

using Move = FlowReaper::Move;
using Moves = std::vector<Move>;
using Clock = EventLoop::Clock;

const Move kOne = {2, {"192.0.2.1/24"}}, kOther = {3, {"198.51.100.1/24", "2001:db8::1/64"}};

class FlowReaperTest : public testing::Test {
 protected:
  FlowReaperTest() {
    reaper_.emplace(loop_, [this](const Moves& moves) {
      loop_.Post([this, moves] {
        if (tried_.empty()) {
          for (const Move& move : meanwhile_) reaper_->Moved(move);
        }
        tried_.push_back(moves);
        times_.push_back(Clock::now());
        loop_.Stop();
      });
      if (failures_-- > 0) return absl::StatusOr<size_t>(absl::UnavailableError("busy"));
      return absl::StatusOr<size_t>(0);
    });
  }

  void RunUntilTried(size_t times) {
    while (tried_.size() < times) loop_.Run();
  }
  void RunFor(Clock::duration time) {
    const auto end = Clock::now() + time;
    loop_.RunAt(end, [this] { loop_.Stop(); });
    while (Clock::now() < end) loop_.Run();
  }

  EventLoop loop_;
  int failures_ = 0;  // attempts that fail before the first success
  Moves meanwhile_;   // moves that arrive during the first attempt
  std::vector<Moves> tried_;
  std::vector<Clock::time_point> times_;
  std::optional<FlowReaper> reaper_;
};

TEST_F(FlowReaperTest, WhatFailsIsTriedAgainWithWhatMovedMeanwhile) {
  failures_ = 2;
  meanwhile_ = {kOther, kOne, kOther};
  reaper_->Moved(kOne);
  RunUntilTried(3);
  EXPECT_THAT(tried_, ElementsAre(Moves{kOne}, Moves{kOne, kOther}, Moves{kOne, kOther}));
  EXPECT_GE(times_[1] - times_[0], FlowReaper::kFirstPause / 2) << "not at once";
  EXPECT_GE(times_[2] - times_[1], FlowReaper::kFirstPause) << "less and less often";
}

TEST_F(FlowReaperTest, WhatSucceedsIsNotTriedAgain) {
  reaper_->Moved(kOne);
  RunUntilTried(1);
  reaper_->Moved(kOther);
  RunUntilTried(2);
  RunFor(FlowReaper::kFirstPause * 3 / 2);
  EXPECT_THAT(tried_, ElementsAre(Moves{kOne}, Moves{kOther}));
}

TEST_F(FlowReaperTest, WhatMovesDoesNotWaitForTheNextTime) {
  failures_ = 2;
  reaper_->Moved(kOne);
  RunUntilTried(2);
  RunFor(FlowReaper::kFirstPause / 10);
  reaper_->Moved(kOther);
  RunUntilTried(3);
  EXPECT_LT(times_[2] - times_[1], FlowReaper::kFirstPause);
  RunFor(FlowReaper::kFirstPause * 5 / 2);
  EXPECT_THAT(tried_, ElementsAre(Moves{kOne}, Moves{kOne}, Moves{kOne, kOther}));
}

TEST_F(FlowReaperTest, RemembersNotMoreThanItMay) {
  failures_ = 1;
  for (size_t i = 0; i < FlowReaper::kMaxWaiting; ++i) {
    meanwhile_.push_back({4, {absl::StrCat("10.0.", i / 256, ".", i % 256, "/8")}});
  }
  reaper_->Moved(kOne);
  RunUntilTried(2);
  EXPECT_EQ(tried_[1], meanwhile_);
}

}  // namespace
}  // namespace firebreak::agent
