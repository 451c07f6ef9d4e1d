// SPDX-License-Identifier: Apache-2.0
#include "agent/switch/record_budget.h"

#include <gtest/gtest.h>

namespace firebreak::agent {
namespace {

Caller User(uid_t user) { return {.local = true, .user = user, .may_act = false}; }

int CountTaken(RecordBudget& budget, const Caller& caller, absl::Time now, int asked = 100) {
  int taken = 0;
  for (int i = 0; i < asked; ++i) taken += budget.Take(caller, now) ? 1 : 0;
  return taken;
}

TEST(RecordBudget, EachUserHasSoManyInAWhile) {
  RecordBudget budget;
  const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  EXPECT_EQ(CountTaken(budget, User(1), now), RecordBudget::kMaxRecords);
  EXPECT_EQ(CountTaken(budget, User(2), now), RecordBudget::kMaxRecords);
  EXPECT_EQ(CountTaken(budget, User(1), now + absl::Minutes(9)), 0);
  EXPECT_EQ(CountTaken(budget, User(1), now + absl::Minutes(11)), RecordBudget::kMaxRecords);
  EXPECT_EQ(CountTaken(budget, Caller{.local = true}, now), 100) << "root is always recorded";
}

TEST(RecordBudget, AClockThatIsSetBackShutsNobodyUp) {
  RecordBudget budget;
  const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  EXPECT_EQ(CountTaken(budget, User(1), now), RecordBudget::kMaxRecords);
  EXPECT_EQ(CountTaken(budget, User(1), now - absl::Hours(24)), RecordBudget::kMaxRecords);
}

TEST(RecordBudget, ManyUsersTakeNoMemory) {
  RecordBudget budget;
  const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  int users = 0;
  for (uid_t user = 1; user <= 2 * RecordBudget::kMaxUsers; ++user) {
    users += budget.Take(User(user), now) ? 1 : 0;
  }
  EXPECT_EQ(users, static_cast<int>(RecordBudget::kMaxUsers));
}

}  // namespace
}  // namespace firebreak::agent
