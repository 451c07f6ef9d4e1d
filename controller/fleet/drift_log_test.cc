// SPDX-License-Identifier: Apache-2.0
#include "controller/fleet/drift_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "controller/store/audit.h"
#include "controller/store/test_database.h"

namespace firebreak::controller {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::SizeIs;

constexpr absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

v1::Drift Changed(uint64_t times, const std::string& error = "") {
  v1::Drift drift;
  drift.set_times(times);
  drift.set_program("nft");
  drift.set_pid(42);
  drift.add_changed("rule deleted from chain input");
  drift.set_undone_micros(600);
  drift.set_error(error);
  return drift;
}

class DriftLogTest : public testing::Test {
 protected:
  DriftLogTest() { Restart(v1::Drift()); }

  // Restarts the controller, which then has only its database and what the host reported before.
  void Restart(const v1::Drift& told) {
    StoredHost host;
    host.record.name = "web1";
    host.report.address = "192.0.2.1:5";
    if (told.times() > 0) *host.report.facts.mutable_drift() = told;
    log_.emplace(*database_);
    EXPECT_TRUE(log_->Load({host}).ok());
  }
  void Record(const v1::Drift& drift) { log_->Record("web1", "192.0.2.1:5", drift); }
  void Flush(absl::Time now, bool closing = false) { EXPECT_TRUE(log_->Flush(now, closing).ok()); }
  // Returns "result: detail" of each row.
  std::vector<std::string> Rows() {
    std::vector<std::string> rows;
    EXPECT_TRUE(database_
                    ->Transact("read",
                               [&](Connection& connection) {
                                 const auto audit = ReadAudit(connection, 0, 1000);
                                 for (const v1::AuditRow& row : *audit) {
                                   rows.push_back(row.result() + ": " + row.detail());
                                 }
                                 return audit.status();
                               })
                    .ok());
    return rows;
  }

  TestDatabase database_;
  std::optional<DriftLog> log_;
};

TEST_F(DriftLogTest, TellsWhoChangedWhat) {
  Record(Changed(1));
  Record(Changed(1));
  Flush(kNow);
  EXPECT_THAT(Rows(), ElementsAre("undone: nft (process 42) changed the rules: rule deleted from "
                                  "chain input; undone in 600 µs"));
  Record(Changed(2, "no memory"));
  Flush(kNow + DriftLog::kInterval);
  EXPECT_THAT(Rows().back(), HasSubstr("failed: "));
  EXPECT_THAT(Rows().back(), EndsWith("not undone: no memory"));
}

TEST_F(DriftLogTest, MakesOneRowInAnInterval) {
  Record(Changed(1));
  Flush(kNow);
  for (uint64_t times = 1; times <= 10; ++times) Record(Changed(times + 1));
  Flush(kNow + DriftLog::kInterval / 2);
  EXPECT_THAT(Rows(), SizeIs(1));
  Flush(kNow + DriftLog::kInterval);
  EXPECT_THAT(Rows(), SizeIs(2));
  EXPECT_THAT(Rows().back(), EndsWith("the last of 10"));
}

TEST_F(DriftLogTest, CountsAnewAfterAnAgentWasStartedAgain) {
  Record(Changed(7));
  Flush(kNow);
  Record(Changed(2));
  Flush(kNow + DriftLog::kInterval);
  EXPECT_THAT(Rows().back(), EndsWith("the last of 2"));
}

TEST_F(DriftLogTest, GoesOnWhenTheClockIsSetBack) {
  Record(Changed(1));
  Flush(kNow);
  Record(Changed(2));
  Flush(kNow - absl::Hours(24));
  EXPECT_THAT(Rows(), SizeIs(2));
}

TEST_F(DriftLogTest, WhatWaitsIsWrittenAtTheEnd) {
  Record(Changed(1));
  Flush(kNow);
  Record(Changed(4));
  Flush(kNow, /*closing=*/true);
  EXPECT_THAT(Rows(), ElementsAre(HasSubstr("nft"), EndsWith("the last of 3")));
  Restart(Changed(4));
  Record(Changed(4));
  Flush(kNow + DriftLog::kInterval);
  EXPECT_THAT(Rows(), SizeIs(2));
}

TEST_F(DriftLogTest, WhatWaitedIsWrittenAfterAKill) {
  Record(Changed(1));
  Flush(kNow);
  Record(Changed(4));
  Restart(Changed(4));
  Record(Changed(5));
  Flush(kNow);
  EXPECT_THAT(Rows(), ElementsAre(HasSubstr("nft"), EndsWith("the last of 4")));
}

TEST_F(DriftLogTest, AReportOlderThanItsRowIsNotCountedAgain) {
  Record(Changed(5));
  Flush(kNow);
  Restart(Changed(3));
  Flush(kNow);
  Record(Changed(6));
  Flush(kNow + DriftLog::kInterval);
  ASSERT_THAT(Rows(), SizeIs(2));
  EXPECT_THAT(Rows().back(), EndsWith("600 µs"));
}

}  // namespace
}  // namespace firebreak::controller
