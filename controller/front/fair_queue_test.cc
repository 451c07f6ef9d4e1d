// SPDX-License-Identifier: Apache-2.0
#include "controller/front/fair_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace firebreak::controller {
namespace {

using testing::ElementsAre;

std::vector<FairQueue::Id> All(FairQueue& queue) {
  std::vector<FairQueue::Id> ids;
  while (const auto id = queue.Next()) ids.push_back(*id);
  return ids;
}

TEST(FairQueue, OnePartyIsServedInItsOrderAsFarAsThereArePlaces) {
  FairQueue queue(2);
  for (FairQueue::Id id : {1, 2, 3}) queue.Wait("a", id);
  EXPECT_THAT(All(queue), ElementsAre(1, 2));
  EXPECT_EQ(queue.waiting(), 1u);
  EXPECT_EQ(queue.taken(), 2u);
  queue.Leave("a", 1);
  EXPECT_THAT(All(queue), ElementsAre(3));
  queue.Leave("a", 2);
  queue.Leave("a", 3);
  EXPECT_EQ(queue.taken(), 0u);
}

TEST(FairQueue, WhoAsksOnceIsNotBehindWhoAsksAThousandTimes) {
  FairQueue queue(4);
  for (FairQueue::Id id = 1; id <= 1000; ++id) queue.Wait("many", id);
  EXPECT_THAT(All(queue), ElementsAre(1, 2, 3, 4));
  queue.Wait("one", 1001);
  EXPECT_EQ(queue.Next(), std::nullopt);
  queue.Leave("many", 3);
  EXPECT_THAT(All(queue), ElementsAre(1001));
}

TEST(FairQueue, WhoHasNoPlaceGetsOneOfThoseForIt) {
  FairQueue queue(2, 2);
  for (FairQueue::Id id = 1; id <= 10; ++id) queue.Wait("many", id);
  EXPECT_THAT(All(queue), ElementsAre(1, 2));
  queue.Wait("one", 11);
  queue.Wait("one", 12);
  EXPECT_THAT(All(queue), ElementsAre(11));
  queue.Wait("other 1", 13);
  queue.Wait("other 2", 14);
  EXPECT_THAT(All(queue), ElementsAre(13));
  queue.Leave("many", 1);
  EXPECT_THAT(All(queue), ElementsAre(14));
  // Too many are taken for whoever has one.
  queue.Leave("one", 11);
  EXPECT_THAT(All(queue), ElementsAre(12));
  queue.Leave("one", 12);
  queue.Leave("other 1", 13);
  EXPECT_EQ(queue.taken(), 2u);
  EXPECT_EQ(queue.Next(), std::nullopt);
}

TEST(FairQueue, PartiesTakeTurns) {
  FairQueue queue(1);
  std::vector<FairQueue::Id> served;
  for (FairQueue::Id id = 1; id <= 9; ++id) queue.Wait(id <= 6 ? "a" : id <= 8 ? "b" : "c", id);
  while (const auto id = queue.Next()) {
    served.push_back(*id);
    queue.Leave(*id <= 6 ? "a" : *id <= 8 ? "b" : "c", *id);
  }
  EXPECT_THAT(served, ElementsAre(1, 7, 9, 2, 8, 3, 4, 5, 6));
}

TEST(FairQueue, WhoComesAndGoesDoesNotOvertakeThoseWhoWait) {
  FairQueue queue(1);
  queue.Wait("patient", 1);
  queue.Wait("patient", 2);
  EXPECT_EQ(queue.Next(), 1u);
  queue.Wait("other", 3);
  queue.Leave("patient", 1);
  // Its turn is the older one.
  EXPECT_EQ(queue.Next(), 3u);
  queue.Leave("other", 3);
  queue.Wait("other", 4);
  EXPECT_EQ(queue.Next(), 2u);
}

TEST(FairQueue, WhoLeavesBeforeItsTurnIsForgotten) {
  FairQueue queue(1);
  queue.Wait("a", 1);
  queue.Wait("b", 2);
  queue.Leave("a", 1);
  queue.Leave("a", 1);
  queue.Leave("nobody", 7);
  EXPECT_THAT(All(queue), ElementsAre(2));
  EXPECT_EQ(queue.waiting(), 0u);
}

}  // namespace
}  // namespace firebreak::controller
