// SPDX-License-Identifier: Apache-2.0
#include "controller/identity/refused_attempts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "controller/store/test_database.h"

namespace firebreak::controller {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

class RefusedAttemptsTest : public testing::Test {
 protected:
  RefusedAttemptsTest() : log_(*database_) {}

  void Attempt(const std::string& peer, absl::Time at) {
    log_.Record({.peer = peer, .action = "enrol", .object = "web1", .detail = "unknown token"}, at);
  }
  // Returns "peer: detail" of each row.
  std::vector<std::string> Rows() {
    std::vector<std::string> rows;
    EXPECT_TRUE(database_
                    ->Transact("read",
                               [&](Connection& connection) {
                                 return connection.Query(
                                     "SELECT peer, detail FROM audit WHERE result = 'refused'"
                                     " ORDER BY seq",
                                     {}, [&](const Row& row) {
                                       rows.push_back(
                                           absl::StrCat(row.Bytes(0), ": ", row.Bytes(1)));
                                       return absl::OkStatus();
                                     });
                               })
                    .ok());
    return rows;
  }

  TestDatabase database_;
  RefusedAttempts log_;
};

TEST_F(RefusedAttemptsTest, RecordsAnAttemptOnce) {
  Attempt("192.0.2.1:1", kNow);
  ASSERT_TRUE(log_.Flush(kNow).ok());
  ASSERT_TRUE(log_.Flush(kNow + absl::Seconds(1)).ok());
  EXPECT_THAT(Rows(), ElementsAre("192.0.2.1:1: unknown token"));
}

TEST_F(RefusedAttemptsTest, CountsRepetitionsUntilTheWindowEnds) {
  for (int port = 1; port <= 1000; ++port) Attempt(absl::StrCat("192.0.2.1:", port), kNow);
  ASSERT_TRUE(log_.Flush(kNow).ok());
  EXPECT_EQ(Rows().size(), 1u);
  ASSERT_TRUE(log_.Flush(kNow + RefusedAttempts::kWindow).ok());
  EXPECT_THAT(Rows(), ElementsAre("192.0.2.1:1: unknown token",
                                  "192.0.2.1:1: unknown token (and 999 more times within 10m)"));
  Attempt("192.0.2.1:1", kNow + absl::Hours(1));
  ASSERT_TRUE(log_.Flush(kNow + absl::Hours(1)).ok());
  EXPECT_EQ(Rows().size(), 3u);
}

TEST_F(RefusedAttemptsTest, WhatWasCountedIsWrittenAtTheEnd) {
  for (size_t i = 0; i < RefusedAttempts::kDistinct + 3; ++i) {
    Attempt(absl::StrCat("10.0.0.", i, ":1"), kNow);
    Attempt(absl::StrCat("10.0.0.", i, ":1"), kNow);
  }
  ASSERT_TRUE(log_.Flush(kNow).ok());
  ASSERT_TRUE(log_.Flush(kNow + absl::Seconds(1), /*closing=*/true).ok());
  EXPECT_EQ(Rows().size(), 2 * RefusedAttempts::kDistinct + 1);
  EXPECT_EQ(Rows().back(), ": 6 attempts of others");
  // A written attempt is not written again.
  ASSERT_TRUE(log_.Flush(kNow + absl::Seconds(2), /*closing=*/true).ok());
  EXPECT_EQ(Rows().size(), 2 * RefusedAttempts::kDistinct + 1);
}

TEST_F(RefusedAttemptsTest, AClockThatIsSetBackRepeatsNothing) {
  Attempt("192.0.2.1:1", kNow);
  const absl::Time yesterday = kNow - absl::Hours(24);
  for (int second = 0; second < 10; ++second) {
    ASSERT_TRUE(log_.Flush(yesterday + absl::Seconds(second)).ok());
  }
  EXPECT_THAT(Rows(), ElementsAre("192.0.2.1:1: unknown token"));
}

TEST_F(RefusedAttemptsTest, AClockThatIsSetBackEndsTheWindow) {
  for (size_t i = 0; i < RefusedAttempts::kDistinct; ++i)
    Attempt(absl::StrCat("10.0.0.", i, ":1"), kNow);
  ASSERT_TRUE(log_.Flush(kNow).ok());
  const absl::Time yesterday = kNow - absl::Hours(24);
  ASSERT_TRUE(log_.Flush(yesterday).ok());
  Attempt("192.0.2.1:1", yesterday);
  ASSERT_TRUE(log_.Flush(yesterday).ok());
  EXPECT_EQ(Rows().back(), "192.0.2.1:1: unknown token");
}

TEST_F(RefusedAttemptsTest, RowsAreInTheOrderOfTheAttempts) {
  for (const char* peer : {"192.0.2.9:1", "192.0.2.1:1", "192.0.2.5:1"}) Attempt(peer, kNow);
  ASSERT_TRUE(log_.Flush(kNow).ok());
  EXPECT_THAT(Rows(), ElementsAre(StartsWith("192.0.2.9"), StartsWith("192.0.2.1"),
                                  StartsWith("192.0.2.5")));
}

TEST_F(RefusedAttemptsTest, OneWithManyReasonsHidesNobodyElse) {
  for (int i = 0; i < 1000; ++i) {
    log_.Record({.peer = absl::StrCat("192.0.2.1:", i + 1),
                 .action = "enrol",
                 .detail = absl::StrCat("no name: ", i)},
                kNow);
  }
  Attempt("192.0.2.2:1", kNow);
  ASSERT_TRUE(log_.Flush(kNow).ok());
  ASSERT_EQ(Rows().size(), RefusedAttempts::kDistinctOfOne + 2);
  EXPECT_EQ(Rows()[RefusedAttempts::kDistinctOfOne],
            absl::StrCat("192.0.2.1:", RefusedAttempts::kDistinctOfOne + 1,
                         ": attempts that were refused for other reasons"));
  EXPECT_EQ(Rows().back(), "192.0.2.2:1: unknown token");
  ASSERT_TRUE(log_.Flush(kNow + RefusedAttempts::kWindow).ok());
  EXPECT_THAT(Rows().back(), HasSubstr("(and 979 more times within 10m)"));
  // A new window begins.
  log_.Record({.peer = "192.0.2.1:1", .action = "enrol", .detail = "no name: x"},
              kNow + RefusedAttempts::kWindow);
  ASSERT_TRUE(log_.Flush(kNow + RefusedAttempts::kWindow).ok());
  EXPECT_EQ(Rows().back(), "192.0.2.1:1: no name: x");
}

TEST_F(RefusedAttemptsTest, AFloodFromManyAddressesIsBounded) {
  for (int i = 0; i < 10'000; ++i)
    Attempt(absl::StrCat("10.0.", i / 250, ".", i % 250, ":1"), kNow);
  ASSERT_TRUE(log_.Flush(kNow).ok());
  EXPECT_EQ(Rows().size(), RefusedAttempts::kDistinct);
  ASSERT_TRUE(log_.Flush(kNow + RefusedAttempts::kWindow).ok());
  EXPECT_EQ(Rows().back(), ": 9900 attempts of others");
}

TEST_F(RefusedAttemptsTest, StrangersOfOneNetworkHideNobody) {
  for (int i = 0; i < 1000; ++i) {
    log_.Record({.peer = absl::StrCat("[2001:db8:1:2::", absl::Hex(i), "]:1"),
                 .action = "enrol",
                 .detail = absl::StrCat("no name: ", i)},
                kNow);
  }
  Attempt("[2001:db8:1:3::1]:1", kNow);
  ASSERT_TRUE(log_.Flush(kNow).ok());
  EXPECT_EQ(Rows().size(), RefusedAttempts::kDistinctOfOne + 2);
  EXPECT_EQ(Rows().back(), "[2001:db8:1:3::1]:1: unknown token");
}

TEST_F(RefusedAttemptsTest, NoNumberOfStrangersHidesWhatAHostDoes) {
  for (int i = 0; i < 1000; ++i) Attempt(absl::StrCat("10.0.", i / 250, ".", i % 250, ":1"), kNow);
  log_.Record({.actor = "host/web1", .peer = "10.0.0.1:1", .action = "apply", .detail = "no"},
              kNow);
  ASSERT_TRUE(log_.Flush(kNow).ok());
  EXPECT_EQ(Rows().size(), RefusedAttempts::kDistinct + 1);
  EXPECT_EQ(Rows().back(), "10.0.0.1:1: no");
  ASSERT_TRUE(log_.Flush(kNow + RefusedAttempts::kWindow).ok());
  EXPECT_EQ(Rows().back(), ": 900 attempts of others");
}

TEST_F(RefusedAttemptsTest, AHostIsOneOriginWhateverAddressesItHas) {
  for (int i = 0; i < 1000; ++i) {
    log_.Record({.actor = "host/web1",
                 .peer = absl::StrCat("10.0.", i / 250, ".", i % 250, ":1"),
                 .action = "connect",
                 .detail = absl::StrCat("no: ", i)},
                kNow);
  }
  ASSERT_TRUE(log_.Flush(kNow).ok());
  EXPECT_EQ(Rows().size(), RefusedAttempts::kDistinctOfOne + 1);
}

}  // namespace
}  // namespace firebreak::controller
