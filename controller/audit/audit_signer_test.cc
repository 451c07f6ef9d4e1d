// SPDX-License-Identifier: Apache-2.0
#include "controller/audit/audit_signer.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "controller/store/audit.h"
#include "controller/store/test_database.h"
#include "proto/audit/chain.h"

namespace firebreak::controller {
namespace {

constexpr absl::Time kNow = absl::FromUnixSeconds(1'795'262'400);

class AuditSignerTest : public testing::Test {
 protected:
  AuditSignerTest() : authority_(*Authority::Make(kNow)), audit_signer_(*database_, authority_) {}

  void Append(int rows) {
    const absl::Status status = database_->Transact("test", [&](Connection& connection) {
      absl::Status appended;
      for (int i = 0; i < rows && appended.ok(); ++i) {
        appended = AppendAudit(connection, kNow,
                               {.actor = "admin/admin", .action = "apply", .result = "done"});
      }
      return appended;
    });
    ASSERT_TRUE(status.ok()) << status;
  }

  std::vector<v1::AuditHead> Heads() {
    std::vector<v1::AuditHead> heads;
    EXPECT_TRUE(database_
                    ->Transact("test",
                               [&](Connection& connection) {
                                 heads = *ReadAuditHeads(connection);
                                 return absl::OkStatus();
                               })
                    .ok());
    return heads;
  }

  void Execute(const char* sql) {
    const absl::Status status = database_->Transact(
        "test", [&](Connection& connection) { return connection.ExecuteScript(sql); });
    ASSERT_TRUE(status.ok()) << status;
  }

  TestDatabase database_;
  const Authority authority_;
  AuditSigner audit_signer_;
};

TEST_F(AuditSignerTest, SignsTheEndAsItIs) {
  auto head = audit_signer_.SignEnd(kNow);
  ASSERT_TRUE(head.ok()) << head.status();
  EXPECT_EQ(head->number(), 0u);
  EXPECT_TRUE(CheckAuditHead(*head, authority_.certificate_pem()).ok());
  Append(3);
  head = audit_signer_.SignEnd(kNow + absl::Seconds(1));
  ASSERT_TRUE(head.ok()) << head.status();
  EXPECT_EQ(head->number(), 3u);
  EXPECT_TRUE(CheckAuditHead(*head, authority_.certificate_pem()).ok());
  // The head is not valid under another CA, or with another number.
  EXPECT_FALSE(CheckAuditHead(*head, Authority::Make(kNow)->certificate_pem()).ok());
  head->set_number(2);
  EXPECT_FALSE(CheckAuditHead(*head, authority_.certificate_pem()).ok());
}

TEST_F(AuditSignerTest, KeepsAHeadOnceAnIntervalIfTheTrailHasGrown) {
  Append(1);
  ASSERT_TRUE(audit_signer_.Seal(kNow).ok());
  EXPECT_EQ(Heads().size(), 1u);
  Append(1);
  ASSERT_TRUE(audit_signer_.Seal(kNow + AuditSigner::kInterval / 2).ok());
  EXPECT_EQ(Heads().size(), 1u);
  ASSERT_TRUE(audit_signer_.Seal(kNow + AuditSigner::kInterval).ok());
  EXPECT_EQ(Heads().size(), 2u);
  ASSERT_TRUE(audit_signer_.Seal(kNow + 2 * AuditSigner::kInterval).ok());
  EXPECT_EQ(Heads().size(), 2u);  // the trail has not grown
  Append(1);
  ASSERT_TRUE(audit_signer_.Seal(kNow + 2 * AuditSigner::kInterval, /*now_or_never=*/true).ok());
  EXPECT_EQ(Heads().size(), 3u);
  EXPECT_EQ(Heads().back().number(), 3u);
}

TEST_F(AuditSignerTest, GoesOnWhenTheClockIsSetBack) {
  Append(1);
  ASSERT_TRUE(audit_signer_.Seal(kNow).ok());
  Append(1);
  const absl::Time yesterday = kNow - absl::Hours(24);
  ASSERT_TRUE(audit_signer_.Seal(yesterday).ok());
  EXPECT_EQ(Heads().size(), 2u);
  Append(1);
  ASSERT_TRUE(audit_signer_.Seal(yesterday + AuditSigner::kInterval / 2).ok());
  EXPECT_EQ(Heads().size(), 2u);
}

TEST_F(AuditSignerTest, SeesWhatWasDoneToTheDatabaseMeanwhile) {
  EXPECT_TRUE(audit_signer_.CheckLastSeal().ok());
  Append(3);
  ASSERT_TRUE(audit_signer_.Seal(kNow).ok());
  Append(1);
  EXPECT_TRUE(audit_signer_.CheckLastSeal().ok());
  // A person who can write the file can also remove its triggers.
  Execute("DROP TRIGGER audit_keep; DROP TRIGGER audit_fixed");
  Execute("UPDATE audit SET hash = zeroblob(32) WHERE seq = 3");
  EXPECT_TRUE(absl::IsDataLoss(audit_signer_.CheckLastSeal()));
  Execute("DELETE FROM audit WHERE seq >= 3");
  EXPECT_TRUE(absl::IsDataLoss(audit_signer_.CheckLastSeal()));
}

}  // namespace
}  // namespace firebreak::controller
