// SPDX-License-Identifier: Apache-2.0
#include "controller/fleet/trial_window.h"

#include <gtest/gtest.h>

namespace firebreak::controller {
namespace {

// Gives as many answers as a round has.
void Round(TrialWindow& window, absl::Duration took, bool full = true) {
  for (size_t left = window.limit(); left > 0; --left) window.OnAnswer(took, full);
}

TEST(TrialWindow, GrowsWhileTheControllerKeepsUp) {
  TrialWindow window;
  for (int i = 0; i < 50; ++i) Round(window, absl::Milliseconds(100));
  EXPECT_EQ(window.limit(), TrialWindow::kMost);
}

TEST(TrialWindow, DoesNotGrowWhereItIsNotUsed) {
  TrialWindow window;
  Round(window, absl::Milliseconds(100), false);
  EXPECT_EQ(window.limit(), TrialWindow::kFirst);
}

TEST(TrialWindow, ShrinksWhileHostsWaitForOneAnother) {
  TrialWindow window;
  Round(window, absl::Milliseconds(100), false);
  for (int i = 0; i < 50; ++i) Round(window, absl::Seconds(3));
  EXPECT_EQ(window.limit(), TrialWindow::kLeast);
  for (int i = 0; i < 20; ++i) Round(window, absl::Milliseconds(100));
  EXPECT_GT(window.limit(), TrialWindow::kFirst);
}

TEST(TrialWindow, SettlesWhereAnswersComeInTimeThoughTheControllerIsTheBottleneck) {
  TrialWindow window;
  // The controller manages 250 trials a second, so a higher limit only makes each trial longer.
  for (int i = 0; i < 100; ++i) {
    Round(window, absl::Milliseconds(4) * static_cast<double>(window.limit()));
    ASSERT_LT(absl::Milliseconds(4) * static_cast<double>(window.limit()), absl::Seconds(5));
  }
}

TEST(TrialWindow, SomeHostsThatAreSlowOrUndoTheirRevisionSlowDownNobodyElse) {
  TrialWindow window;
  Round(window, absl::Milliseconds(100));
  const size_t before = window.limit();
  for (int round = 0; round < 10; ++round) {
    for (size_t i = 0, answers = window.limit(); i < answers; ++i) {
      window.OnAnswer(i % 3 == 0 ? absl::Seconds(30) : absl::Milliseconds(100), true);
    }
  }
  EXPECT_GT(window.limit(), before);
}

TEST(TrialWindow, AFleetFarAwayIsNotTakenForABusyController) {
  TrialWindow window;
  for (int i = 0; i < 10; ++i) Round(window, absl::Milliseconds(1500));
  EXPECT_GT(window.limit(), TrialWindow::kFirst);
}

TEST(TrialWindow, AFixedLimitStays) {
  TrialWindow window(2);
  for (int i = 0; i < 20; ++i) Round(window, absl::Seconds(4));
  for (int i = 0; i < 20; ++i) Round(window, absl::Milliseconds(1));
  EXPECT_EQ(window.limit(), 2u);
}

}  // namespace
}  // namespace firebreak::controller
