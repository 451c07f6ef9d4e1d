#include "controller/fleet/drift_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
  DriftLogTest() : log_(*database_) {}

  void Record(const v1::Drift& before, const v1::Drift& now) {
    log_.Record("web1", "192.0.2.1:5", before, now);
  }
  void Flush(absl::Time now) { EXPECT_TRUE(log_.Flush(now).ok()); }
  // "result: detail" of each row.
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
  DriftLog log_;
};

TEST_F(DriftLogTest, TellsWhoChangedWhat) {
  Record(v1::Drift(), Changed(1));
  Record(Changed(1), Changed(1));
  Flush(kNow);
  EXPECT_THAT(Rows(), ElementsAre("undone: nft (process 42) changed the rules: rule deleted from "
                                  "chain input; undone in 600 µs"));
  Record(Changed(1), Changed(2, "no memory"));
  Flush(kNow + DriftLog::kInterval);
  EXPECT_THAT(Rows().back(), HasSubstr("failed: "));
  EXPECT_THAT(Rows().back(), EndsWith("not undone: no memory"));
}

TEST_F(DriftLogTest, MakesOneRowInAnInterval) {
  Record(v1::Drift(), Changed(1));
  Flush(kNow);
  for (uint64_t times = 1; times <= 10; ++times) Record(Changed(times), Changed(times + 1));
  Flush(kNow + DriftLog::kInterval / 2);
  EXPECT_THAT(Rows(), SizeIs(1));
  Flush(kNow + DriftLog::kInterval);
  EXPECT_THAT(Rows(), SizeIs(2));
  EXPECT_THAT(Rows().back(), EndsWith("the last of 10"));
}

TEST_F(DriftLogTest, CountsAnewAfterAnAgentWasStartedAgain) {
  Record(Changed(7), Changed(2));
  Flush(kNow);
  EXPECT_THAT(Rows().back(), EndsWith("the last of 2"));
}

TEST_F(DriftLogTest, GoesOnWhenTheClockIsSetBack) {
  Record(v1::Drift(), Changed(1));
  Flush(kNow);
  Record(Changed(1), Changed(2));
  Flush(kNow - absl::Hours(24));
  EXPECT_THAT(Rows(), SizeIs(2));
}

}  // namespace
}  // namespace firebreak::controller
