// SPDX-License-Identifier: Apache-2.0
#include "controller/fleet/trial_line.h"

#include <gtest/gtest.h>

#include <vector>

#include "absl/synchronization/notification.h"

namespace firebreak::controller {
namespace {

// Calls Enter again when it is its turn, as a stream does.
class Member : public InLine, public std::enable_shared_from_this<Member> {
 public:
  explicit Member(TrialLine& line) : line_(line) {}
  ~Member() override { line_.Leave(*this); }

  bool Enter() { return line_.Enter(shared_from_this()); }
  void Answer() { line_.Answered(*this, absl::Milliseconds(10)); }
  void OnTurn() override {
    admitted = Enter();
    turn.Notify();
  }

  absl::Notification turn;
  bool admitted = false;

 private:
  TrialLine& line_;
};

std::shared_ptr<Member> Join(TrialLine& line) { return std::make_shared<Member>(line); }

TEST(TrialLine, AdmitsAsManyAsTheLimitAndTheOthersInTheirOrder) {
  TrialLine line(2);
  const auto a = Join(line);
  const auto b = Join(line);
  const auto c = Join(line);
  const auto d = Join(line);
  EXPECT_TRUE(a->Enter());
  EXPECT_TRUE(a->Enter()) << "it is on trial already";
  EXPECT_TRUE(b->Enter());
  EXPECT_FALSE(c->Enter());
  EXPECT_FALSE(d->Enter());
  b->Answer();
  c->turn.WaitForNotification();
  EXPECT_TRUE(c->admitted);
  EXPECT_FALSE(d->turn.HasBeenNotified());
  a->Answer();
  d->turn.WaitForNotification();
  EXPECT_TRUE(d->admitted);
  EXPECT_EQ(line.stats().most_on_trial, 2u);
}

TEST(TrialLine, AHostThatDoesNotAnswerKeepsNobodyWaiting) {
  TrialLine line(1, absl::Milliseconds(20));
  const auto silent = Join(line);
  const auto next = Join(line);
  EXPECT_TRUE(silent->Enter());
  EXPECT_FALSE(next->Enter());
  next->turn.WaitForNotification();
  EXPECT_TRUE(next->admitted);
  EXPECT_GE(line.stats().overdue, 1u);
  silent->Answer();  // the answer comes late
  EXPECT_EQ(line.stats().most_on_trial, 1u);
}

TEST(TrialLine, WhoGoesGivesUpItsPlace) {
  TrialLine line(1);
  auto gone = Join(line);
  auto waiting = Join(line);
  const auto last = Join(line);
  EXPECT_TRUE(gone->Enter());
  EXPECT_FALSE(waiting->Enter());
  EXPECT_FALSE(last->Enter());
  waiting.reset();
  gone.reset();
  last->turn.WaitForNotification();
  EXPECT_TRUE(last->admitted);
  EXPECT_EQ(line.stats().waiting, 0u);
}

TEST(TrialLine, NeverMoreThanTheLimitAreOnTrial) {
  TrialLine line(3);
  std::vector<std::shared_ptr<Member>> members;
  for (int i = 0; i < 200; ++i) {
    members.push_back(Join(line));
    if (members.back()->Enter()) members.back()->turn.Notify();
  }
  for (const auto& member : members) {
    member->turn.WaitForNotification();
    member->Answer();
  }
  EXPECT_EQ(line.stats().on_trial, 0u);
  EXPECT_LE(line.stats().most_on_trial, 3u);
}

}  // namespace
}  // namespace firebreak::controller
