// SPDX-License-Identifier: Apache-2.0
#include "agent/revision/history.h"

#include <gtest/gtest.h>

namespace firebreak::agent {
namespace {

v1::Push Push(uint64_t revision, uint64_t restores, const char* fleet = "one") {
  v1::Push push;
  push.set_revision(revision);
  push.mutable_history()->set_restores(restores);
  push.mutable_history()->set_fleet(fleet);
  return push;
}

TEST(HistoryTest, TheSameOrANewerRevisionIsTaken) {
  EXPECT_TRUE(CheckNotOlder(Push(5, 0), Push(5, 0)).ok());
  EXPECT_TRUE(CheckNotOlder(Push(5, 0), Push(6, 0)).ok());
}

TEST(HistoryTest, AnOlderRevisionIsTakenOnlyIfTheFleetWasSetBack) {
  EXPECT_TRUE(absl::IsFailedPrecondition(CheckNotOlder(Push(5, 0), Push(4, 0))));
  EXPECT_TRUE(CheckNotOlder(Push(5, 0), Push(4, 1)).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(CheckNotOlder(Push(5, 2), Push(6, 1))));
}

TEST(HistoryTest, NumbersOfAnotherFleetMeanNothing) {
  EXPECT_TRUE(CheckNotOlder(Push(5, 2, "one"), Push(1, 0, "another")).ok());
}

TEST(HistoryTest, AControllerThatDoesNotTellIsObeyed) {
  v1::Push untold;
  untold.set_revision(4);
  EXPECT_TRUE(CheckNotOlder(Push(5, 2), untold).ok());
  EXPECT_TRUE(CheckNotOlder(untold, Push(1, 0)).ok());
}

}  // namespace
}  // namespace firebreak::agent
