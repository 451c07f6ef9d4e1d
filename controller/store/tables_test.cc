// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "base/status/status.h"
#include "controller/store/audit.h"
#include "controller/store/database.h"
#include "controller/store/hosts.h"
#include "controller/store/test_database.h"
#include "controller/store/tokens.h"
#include "proto/audit/chain.h"

namespace firebreak::controller {
namespace {

using testing::ElementsAre;
using testing::Pair;

class TablesTest : public testing::Test {
 protected:
  absl::Status Do(absl::FunctionRef<absl::Status(Connection&)> body) {
    return database_->Transact("test", body);
  }

  TestDatabase database_;
  // Whole seconds, because the database only stores microseconds.
  const absl::Time now_ = absl::FromUnixSeconds(1'700'000'000);
};

TEST_F(TablesTest, ATokenIsUsedUpExactly) {
  TokenRow token{.id = std::string("\0id", 3),
                 .secret_sha256 = "hash",
                 .created_by = "admin/a",
                 .created_at = now_,
                 .expires_at = now_ + absl::Hours(1),
                 .uses_left = 2,
                 .labels = {{"role", "web"}}};
  EXPECT_TRUE(Do([&](Connection& c) { return InsertToken(c, token); }).ok());
  EXPECT_TRUE(Do([&](Connection& c) { return UseToken(c, token.id); }).ok());
  EXPECT_TRUE(Do([&](Connection& c) { return UseToken(c, token.id); }).ok());
  EXPECT_EQ(Do([&](Connection& c) { return UseToken(c, token.id); }).code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(Do([&](Connection& c) {
                const auto found = FindToken(c, token.id);
                EXPECT_TRUE(found.ok());
                EXPECT_EQ(found->uses_left, 0);
                EXPECT_EQ(found->expires_at, token.expires_at);
                EXPECT_THAT(found->labels, ElementsAre(Pair("role", "web")));
                return found.status();
              }).ok());
  EXPECT_EQ(Do([&](Connection& c) { return FindToken(c, "other").status(); }).code(),
            absl::StatusCode::kNotFound);
}

TEST_F(TablesTest, TokensGoAWeekAfterTheyExpired) {
  TokenRow old{
      .id = "old", .created_at = now_, .expires_at = now_ + absl::Hours(1), .labels = {{"a", "b"}}};
  TokenRow fresh{.id = "fresh",
                 .created_at = now_ + absl::Hours(24 * 8),
                 .expires_at = now_ + absl::Hours(24 * 9)};
  EXPECT_TRUE(Do([&](Connection& c) { return InsertToken(c, old); }).ok());
  EXPECT_TRUE(Do([&](Connection& c) { return InsertToken(c, fresh); }).ok());
  EXPECT_FALSE(Do([&](Connection& c) { return FindToken(c, "old").status(); }).ok());
}

TEST_F(TablesTest, TokensAreNumberedAsTheyAreMade) {
  const auto number_of = [&](const std::string& id) {
    int64_t number = 0;
    EXPECT_TRUE(Do([&](Connection& c) {
                  const auto found = FindToken(c, id);
                  if (found.ok()) number = found->number;
                  return found.status();
                }).ok());
    return number;
  };
  // The clock is set back by a year, and the first token is deleted meanwhile.
  TokenRow one{.id = "1", .created_at = now_, .expires_at = now_ + absl::Hours(1)};
  TokenRow two{.id = "2",
               .created_at = now_ + absl::Hours(24 * 30),
               .expires_at = now_ + absl::Hours(24 * 31)};
  TokenRow three{
      .id = "3", .created_at = now_ - absl::Hours(24 * 365), .expires_at = now_ + absl::Hours(1)};
  EXPECT_TRUE(Do([&](Connection& c) { return InsertToken(c, one); }).ok());
  const int64_t first = number_of("1");
  EXPECT_TRUE(Do([&](Connection& c) { return InsertToken(c, two); }).ok());
  EXPECT_TRUE(Do([&](Connection& c) { return InsertToken(c, three); }).ok());
  EXPECT_LT(first, number_of("2"));
  const int64_t third = number_of("3");
  EXPECT_LT(number_of("2"), third);
  EXPECT_TRUE(Do([&](Connection& c) {
                const auto last = LastTokenNumber(c);
                EXPECT_TRUE(last.ok());
                EXPECT_EQ(*last, third);
                return last.status();
              }).ok());
}

TEST_F(TablesTest, AHostKeepsItsReportWhenItsRecordChanges) {
  HostRecord host{.name = "web1",
                  .labels = {{"role", "web"}, {"site", "a"}},
                  .key_sha256 = "key",
                  .fingerprint = "f1",
                  .enrolled_at = now_};
  HostReport report{.last_seen = now_, .address = "192.0.2.1:5", .agent_version = "1"};
  report.receipt.set_revision(7);
  EXPECT_TRUE(Do([&](Connection& c) { return PutHost(c, host); }).ok());
  EXPECT_TRUE(Do([&](Connection& c) { return SetHostReport(c, "web1", report); }).ok());
  host.labels = {{"role", "db"}};
  host.next_fingerprint = "f2";
  host.revoked_at = now_;
  host.barred_tokens = 7;
  EXPECT_TRUE(Do([&](Connection& c) { return PutHost(c, host); }).ok());
  EXPECT_TRUE(Do([&](Connection& c) {
                const auto hosts = LoadHosts(c);
                EXPECT_TRUE(hosts.ok());
                EXPECT_EQ(hosts->size(), 1u);
                EXPECT_THAT(hosts->at(0).record.labels, ElementsAre(Pair("role", "db")));
                EXPECT_TRUE(hosts->at(0).record.revoked());
                EXPECT_EQ(hosts->at(0).record.barred_tokens, 7);
                EXPECT_EQ(hosts->at(0).record.next_fingerprint, "f2");
                EXPECT_EQ(hosts->at(0).report.receipt.revision(), 7u);
                EXPECT_EQ(hosts->at(0).report.last_seen, now_);
                return hosts.status();
              }).ok());
}

TEST_F(TablesTest, OnlyRefusedAttemptsAreTrimmed) {
  const auto count = [&](const char* sql) {
    int64_t rows = 0;
    EXPECT_TRUE(Do([&](Connection& c) {
                  return c.Query(sql, {}, [&](const Row& row) {
                    rows = row.Integer(0);
                    return absl::OkStatus();
                  });
                }).ok());
    return rows;
  };
  EXPECT_TRUE(Do([&](Connection& c) {
                for (int64_t i = 0; i < kRefusalsKept + 10; ++i) {
                  RETURN_IF_ERROR(AppendAudit(
                      c, now_, {.action = "enrol", .result = i < 5 ? "done" : "refused"}));
                }
                return TrimAudit(c);
              }).ok());
  EXPECT_EQ(count("SELECT count(*) FROM audit WHERE result = 'refused' AND action != ''"),
            kRefusalsKept);
  EXPECT_EQ(count("SELECT count(*) FROM audit WHERE dropped = 1"), 5);
  EXPECT_EQ(count("SELECT count(*) FROM audit WHERE result = 'done' AND action != ''"), 5);
  // Dropping texts does not break the chain.
  AuditChecker checker;
  EXPECT_TRUE(Do([&](Connection& c) {
                const auto rows = ReadAudit(c, 0, kRefusalsKept + 100);
                EXPECT_TRUE(rows.ok());
                EXPECT_EQ(rows->size(), kRefusalsKept + 10u);
                for (const v1::AuditRow& row : *rows) EXPECT_TRUE(checker.Add(row).ok());
                const auto end = ReadAuditEnd(c);
                EXPECT_TRUE(end.ok());
                EXPECT_EQ(end->hash(), checker.hash());
                return rows.status();
              }).ok());
}

TEST_F(TablesTest, StrangersRefusalsDoNotPushOutThoseOfHosts) {
  EXPECT_TRUE(Do([&](Connection& c) {
                RETURN_IF_ERROR(AppendAudit(
                    c, now_, {.actor = "host/web1", .action = "connect", .result = "refused"}));
                for (int64_t i = 0; i < kRefusalsKept + 10; ++i) {
                  RETURN_IF_ERROR(AppendAudit(c, now_, {.action = "enrol", .result = "refused"}));
                }
                RETURN_IF_ERROR(TrimAudit(c));
                const auto rows = ReadAudit(c, 0, 12);
                EXPECT_EQ(rows->at(0).actor(), "host/web1");
                EXPECT_TRUE(rows->at(1).dropped());
                EXPECT_FALSE(rows->at(11).dropped());
                return absl::OkStatus();
              }).ok());
}

TEST_F(TablesTest, TheAuditTrailOnlyGrows) {
  ASSERT_TRUE(Do([&](Connection& c) {
                absl::Status status = AppendAudit(c, now_, {.action = "apply", .result = "done"});
                status.Update(AppendAudit(c, now_, {.action = "enrol", .result = "refused"}));
                status.Update(AppendAuditHead(c, *ReadAuditEnd(c)));
                return status;
              }).ok());
  for (const char* change :
       {"DELETE FROM audit WHERE seq = 2", "DELETE FROM audit", "UPDATE audit SET actor = 'x'",
        "UPDATE audit SET actor = '', dropped = 1 WHERE seq = 1",
        "UPDATE audit SET hash = x'00', dropped = 1 WHERE seq = 2",
        "UPDATE audit SET actor = 'x', action = '', dropped = 1 WHERE seq = 2",
        "INSERT INTO audit SELECT 9, at, actor, peer, action, object, result, detail,"
        " content_digest, hash, dropped FROM audit WHERE seq = 1",
        "INSERT INTO audit SELECT -1, at, actor, peer, action, object, result, detail,"
        " content_digest, hash, dropped FROM audit WHERE seq = 1",
        "DELETE FROM audit_heads", "UPDATE audit_heads SET number = 1"}) {
    EXPECT_FALSE(Do([&](Connection& c) { return c.ExecuteScript(change); }).ok()) << change;
  }
}

TEST_F(TablesTest, WhatIsNoTextIsMadeOne) {
  ASSERT_TRUE(Do([&](Connection& c) {
                absl::Status status = AppendAudit(
                    c, now_, {.action = "enrol", .object = "a\xff\xfe", .result = "refused"});
                const auto rows = ReadAudit(c, 0, 10);
                EXPECT_TRUE(rows.ok());
                EXPECT_EQ(rows->at(0).object(), "a??");
                EXPECT_TRUE(AuditChecker().Add(rows->at(0)).ok());
                return status;
              }).ok());
}

}  // namespace
}  // namespace firebreak::controller
