// SPDX-License-Identifier: Apache-2.0
#include "controller/fleet/rollout_board.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace firebreak::controller {
namespace {

class Counter : public RolloutWatcher {
 public:
  void OnRolloutChanged() override { ++changes; }
  int changes = 0;
};

v1::Refusal Refusal(uint64_t revision, v1::Refusal::Kind kind) {
  v1::Refusal refusal;
  refusal.set_revision(revision);
  refusal.set_kind(kind);
  return refusal;
}

TEST(RolloutBoard, IsDoneWhenNobodyIsConcerned) {
  RolloutBoard board;
  board.Begin(3, {});
  EXPECT_TRUE(board.State(3).done());
  EXPECT_TRUE(board.State(2).done());
}

TEST(RolloutBoard, CountsReceiptsOfTheRevisionAndLaterOnes) {
  RolloutBoard board;
  board.Begin(3, {"a", "b", "c"});
  board.OnReceipt("a", 2);
  EXPECT_EQ(board.State(3).applied(), 0u);
  board.OnReceipt("a", 3);
  board.OnReceipt("a", 3);
  board.OnReceipt("b", 7);
  const v1::Rollout state = board.State(3);
  EXPECT_EQ(state.concerned(), 3u);
  EXPECT_EQ(state.applied(), 2u);
  EXPECT_FALSE(state.done());
  ASSERT_EQ(state.pending_size(), 1);
  EXPECT_EQ(state.pending(0), "c");
}

TEST(RolloutBoard, AHostThatRefusesHasFailed) {
  RolloutBoard board;
  board.Begin(3, {"a", "b"});
  board.OnRefusal("a", Refusal(2, v1::Refusal::refused));
  EXPECT_EQ(board.State(3).failed_size(), 0);
  board.OnRefusal("a", Refusal(3, v1::Refusal::refused));
  board.OnReceipt("b", 3);
  const v1::Rollout state = board.State(3);
  EXPECT_TRUE(state.done());
  ASSERT_EQ(state.failed_size(), 1);
  EXPECT_EQ(state.failed(0).name(), "a");
  EXPECT_EQ(state.applied(), 1u);
}

TEST(RolloutBoard, AnUndoneRevisionIsNoLongerApplied) {
  RolloutBoard board;
  board.Begin(3, {"a"});
  board.OnReceipt("a", 3);
  board.OnRefusal("a", Refusal(3, v1::Refusal::undone));
  EXPECT_EQ(board.State(3).applied(), 0u);
  EXPECT_EQ(board.State(3).failed_size(), 1);
}

TEST(RolloutBoard, UndoingALaterRevisionLeavesTheEarlierOneApplied) {
  RolloutBoard board;
  board.Begin(3, {"a"});
  board.OnReceipt("a", 3);
  board.Begin(4, {"a"});
  board.OnReceipt("a", 4);
  board.OnRefusal("a", Refusal(4, v1::Refusal::undone));
  EXPECT_EQ(board.State(3).applied(), 1u);
  EXPECT_EQ(board.State(4).applied(), 0u);
}

TEST(RolloutBoard, AHostThatGoesOfflineIsWaitedForUntilItTells) {
  RolloutBoard board;
  board.Begin(3, {"a", "b"});
  board.OnReceipt("a", 3);
  board.OnOffline("b");
  board.OnOffline("a");
  v1::Rollout state = board.State(3);
  EXPECT_FALSE(state.done());
  EXPECT_EQ(state.concerned(), 2u);
  EXPECT_EQ(state.applied(), 1u);
  EXPECT_EQ(state.offline(), 1u);
  ASSERT_EQ(state.offline_hosts_size(), 1);
  EXPECT_EQ(state.offline_hosts(0), "b");
  EXPECT_EQ(state.pending_size(), 0) << "a host is named once";
  board.OnRefusal("b", Refusal(3, v1::Refusal::undone));
  state = board.State(3);
  EXPECT_TRUE(state.done());
  EXPECT_EQ(state.offline(), 0u);
  EXPECT_EQ(state.failed_size(), 1);
}

TEST(RolloutBoard, AHostThatIsOfflineFromTheStartIsConcernedButNotWaitedFor) {
  RolloutBoard board;
  board.Begin(3, {"a"}, {"b", "c"});
  board.OnReceipt("a", 3);
  v1::Rollout state = board.State(3);
  EXPECT_TRUE(state.done());
  EXPECT_EQ(state.concerned(), 3u);
  EXPECT_EQ(state.offline(), 2u);
  ASSERT_EQ(state.applied_hosts_size(), 1);
  EXPECT_EQ(state.applied_hosts(0), "a");
  board.OnReceipt("b", 4);
  state = board.State(3);
  EXPECT_EQ(state.applied(), 2u);
  EXPECT_EQ(state.offline(), 1u);
}

TEST(RolloutBoard, AHostThatComesOnlineIsWaitedFor) {
  RolloutBoard board;
  board.Begin(3, {"a"}, {"b"});
  board.OnReceipt("a", 3);
  auto watcher = std::make_shared<Counter>();
  board.Watch(3, watcher);
  board.OnOnline("b");
  EXPECT_EQ(watcher->changes, 1);
  v1::Rollout state = board.State(3);
  EXPECT_FALSE(state.done());
  EXPECT_EQ(state.offline(), 0u);
  ASSERT_EQ(state.pending_size(), 1);
  EXPECT_EQ(state.pending(0), "b");
  board.OnOffline("b");
  state = board.State(3);
  EXPECT_FALSE(state.done());
  EXPECT_EQ(state.offline(), 1u);
  board.OnOnline("b");
  board.OnOnline("a");
  board.OnReceipt("b", 3);
  state = board.State(3);
  EXPECT_TRUE(state.done());
  EXPECT_EQ(state.applied(), 2u);
}

TEST(RolloutBoard, TellsWatchersOfTheirRolloutUntilTheyGo) {
  RolloutBoard board;
  board.Begin(3, {"a", "b"});
  board.Begin(4, {"b"});
  auto watcher = std::make_shared<Counter>();
  board.Watch(3, watcher);
  board.OnReceipt("a", 3);
  EXPECT_EQ(watcher->changes, 1);
  board.OnReceipt("a", 3);
  EXPECT_EQ(watcher->changes, 1);
  board.OnReceipt("b", 4);
  EXPECT_EQ(watcher->changes, 2);
  watcher.reset();
  board.OnRefusal("b", Refusal(4, v1::Refusal::undone));
}

TEST(RolloutBoard, ForgetsTheOldestWithWhoeverWasOpenInIt) {
  RolloutBoard board;
  for (uint64_t revision = 1; revision <= RolloutBoard::kKept + 2; ++revision) {
    board.Begin(revision, {"a"}, {"b"});
  }
  EXPECT_EQ(board.State(2).concerned(), 0u);
  EXPECT_EQ(board.State(3).concerned(), 2u);
  board.OnReceipt("a", 3);
  EXPECT_EQ(board.State(3).applied(), 1u);
  EXPECT_EQ(board.State(4).applied(), 0u);
  board.OnRefusal("b", Refusal(4, v1::Refusal::refused));
  EXPECT_EQ(board.State(4).failed_size(), 1);
  board.OnReceipt("b", RolloutBoard::kKept + 2);
  EXPECT_EQ(board.State(4).failed_size(), 0);
  EXPECT_EQ(board.State(RolloutBoard::kKept + 2).applied(), 1u);
}

TEST(RolloutBoard, NamesTheFirstTwentyPending) {
  RolloutBoard board;
  std::set<std::string> hosts;
  for (int i = 0; i < 100; ++i) hosts.insert(absl::StrCat("host", i));
  board.Begin(1, hosts);
  EXPECT_EQ(board.State(1).pending_size(), RolloutBoard::kNamed);
  EXPECT_EQ(board.State(1).concerned(), 100u);
}

}  // namespace
}  // namespace firebreak::controller
