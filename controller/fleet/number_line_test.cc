// SPDX-License-Identifier: Apache-2.0
#include "controller/fleet/number_line.h"

#include <gtest/gtest.h>

#include <vector>

namespace firebreak::controller {
namespace {

class Member : public InLine {
 public:
  void OnTurn() override { ++turns; }
  int turns = 0;
};

class NumberLineTest : public testing::Test {
 protected:
  std::shared_ptr<Member> Join() {
    members_.push_back(std::make_shared<Member>());
    return members_.back();
  }
  void TakeAllThatIsFree() {
    for (size_t i = 0; i < NumberLine::kAtOnce; ++i) ASSERT_TRUE(line_.Enter(Join()));
  }

  NumberLine line_;
  std::vector<std::shared_ptr<Member>> members_;
};

TEST_F(NumberLineTest, ASmallFleetDoesNotWait) { TakeAllThatIsFree(); }

TEST_F(NumberLineTest, TheOthersWaitForTheirTurn) {
  TakeAllThatIsFree();
  const auto late = Join();
  EXPECT_FALSE(line_.Enter(late));
  EXPECT_FALSE(line_.Enter(late)) << "a newer revision meanwhile";
  line_.Tick();
  EXPECT_EQ(late->turns, 1);
  EXPECT_TRUE(line_.Enter(late));
  line_.Tick();
  EXPECT_EQ(late->turns, 1) << "it stood in line once";
}

TEST_F(NumberLineTest, SoManyHaveTheirTurnAtATickInTheOrderOfTheLine) {
  TakeAllThatIsFree();
  std::vector<std::shared_ptr<Member>> waiting;
  for (size_t i = 0; i < NumberLine::kAtOnce + 1; ++i) {
    waiting.push_back(Join());
    EXPECT_FALSE(line_.Enter(waiting.back()));
  }
  line_.Tick();
  EXPECT_EQ(waiting.front()->turns, 1);
  EXPECT_EQ(waiting.back()->turns, 0);
  line_.Tick();
  EXPECT_EQ(waiting.back()->turns, 1);
}

TEST_F(NumberLineTest, WhoHasLeftTakesNobodysPlace) {
  TakeAllThatIsFree();
  auto gone = Join();
  EXPECT_FALSE(line_.Enter(gone));
  line_.Leave(*gone);
  line_.Tick();
  EXPECT_EQ(gone->turns, 0);
}

}  // namespace
}  // namespace firebreak::controller
