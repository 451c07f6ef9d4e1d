// SPDX-License-Identifier: Apache-2.0
#include "controller/fleet/lost_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/store/audit.h"
#include "controller/store/test_database.h"

namespace firebreak::controller {
namespace {

using testing::HasSubstr;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

class LostHistoryTest : public testing::Test {
 protected:
  LostHistoryTest() : authority_(*Authority::Make(kNow)) {}

  v1::Receipt Receipt(uint64_t revision, uint64_t restores, const char* digest = "digest") {
    v1::Receipt receipt;
    receipt.set_revision(revision);
    *receipt.mutable_history() = *lost_.Sign(revision, restores, digest);
    return receipt;
  }

  // Returns the reason after this receipt, while revision 5 after one restore is the newest.
  std::string After(const v1::Receipt& receipt) {
    lost_.OnReceipt("web1", "192.0.2.1:5", receipt, 5, *lost_.Sign(5, 1, "digest"));
    return lost_.Reason();
  }

  TestDatabase database_;
  const Authority authority_;
  LostHistory lost_{*database_, authority_};
};

TEST_F(LostHistoryTest, WhatTheControllerKnowsIsNoLoss) {
  EXPECT_EQ(After(v1::Receipt()), "");
  EXPECT_EQ(After(Receipt(5, 1)), "");
  EXPECT_EQ(After(Receipt(4, 1, "other")), "");
  // The restore gave up this revision on purpose.
  EXPECT_EQ(After(Receipt(9, 0)), "");
}

TEST_F(LostHistoryTest, ANewerRevisionIsALoss) {
  EXPECT_THAT(After(Receipt(6, 1)), HasSubstr("host web1 has revision 6"));
}

TEST_F(LostHistoryTest, ARevisionAfterARestoreThatIsNotKnownIsALoss) {
  EXPECT_THAT(After(Receipt(3, 2)), HasSubstr("host web1 has revision 3"));
}

TEST_F(LostHistoryTest, AnotherRevisionOfTheSameNumberIsALoss) {
  EXPECT_THAT(After(Receipt(5, 1, "other")), HasSubstr("host web1 has revision 5"));
}

TEST_F(LostHistoryTest, AHostCannotMakeARevisionUp) {
  v1::Receipt receipt = Receipt(5, 1);
  receipt.set_revision(6);
  EXPECT_EQ(After(receipt), "");
  receipt = Receipt(6, 1);
  receipt.mutable_history()->set_restores(2);
  EXPECT_EQ(After(receipt), "");
  receipt = Receipt(6, 1);
  receipt.mutable_history()->clear_proof();
  EXPECT_EQ(After(receipt), "");
}

TEST_F(LostHistoryTest, NumbersOfAnotherFleetMeanNothing) {
  const Authority other = *Authority::Make(kNow);
  v1::Receipt receipt;
  receipt.set_revision(6);
  *receipt.mutable_history() = *LostHistory(*database_, other).Sign(6, 1, "digest");
  EXPECT_EQ(After(receipt), "");
}

TEST_F(LostHistoryTest, TheNextRunKnowsOfItAndTheTrailTellsOnce) {
  After(Receipt(6, 1));
  After(Receipt(6, 1));
  ASSERT_TRUE(lost_.Flush().ok());
  ASSERT_TRUE(lost_.Flush().ok());
  LostHistory next(*database_, authority_);
  ASSERT_TRUE(next.Load().ok());
  EXPECT_EQ(next.Reason(), lost_.Reason());
  std::vector<v1::AuditRow> rows;
  ASSERT_TRUE(database_
                  ->Transact("test",
                             [&](Connection& connection) {
                               rows = *ReadAudit(connection, 0, 10);
                               return absl::OkStatus();
                             })
                  .ok());
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].actor(), "host/web1");
  EXPECT_THAT(rows[0].detail(), HasSubstr("revision 6"));
}

}  // namespace
}  // namespace firebreak::controller
