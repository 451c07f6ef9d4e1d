// SPDX-License-Identifier: Apache-2.0
#include "agent/hardening/attack_detector.h"

#include <gtest/gtest.h>

#include "agent/hardening/backlog.h"
#include "agent/hardening/tcp_counters.h"

namespace firebreak::agent {
namespace {

using std::chrono::seconds;

class Detector : public testing::Test {
 protected:
  Detector() { detector_.SetLimits({.refused = 5, .half_open = 500, .retried = 400}); }
  bool Take(const AttackMeasure& measure) { return detector_.Take(measure, now_ += seconds(1)); }

  AttackDetector detector_;
  AttackDetector::Clock::time_point now_{};
};

TEST_F(Detector, BeginsAboveAnyLimitAndNotAtIt) {
  EXPECT_FALSE(Take({.refused = 5, .half_open = 500, .retried = 400}));
  EXPECT_TRUE(Take({.half_open = 501}));
  EXPECT_TRUE(detector_.attacked());
  EXPECT_EQ(detector_.Describe(), "501 half-open connections (limit 500)");
}

TEST_F(Detector, EndsOnceWhenAllHaveBeenLowForAWhile) {
  ASSERT_TRUE(Take({.refused = 100}));
  int changes = 0;
  for (int i = 0; i < 30; ++i) changes += Take({.half_open = i % 3 == 0 ? 400u : 0u}) ? 1 : 0;
  EXPECT_EQ(changes, 0) << "bursts are one attack, though none is above the limit";
  for (int i = 0; i < 30; ++i) changes += Take({.half_open = 250, .retried = 200}) ? 1 : 0;
  EXPECT_EQ(changes, 1);
  EXPECT_FALSE(detector_.attacked());
  EXPECT_EQ(detector_.attacks(), 1u);
}

TEST_F(Detector, WhatHasNoLimitIsNotLookedAt) {
  detector_.SetLimits({.retried = 400});
  EXPECT_FALSE(Take({.refused = 1'000'000, .half_open = 1'000'000}));
}

TEST(TcpCountersTest, AreReadByTheirNames) {
  const TcpCounters counters = ParseTcpCounters(
      "TcpExt: SyncookiesRecv ListenOverflows TCPReqQFullDoCookies TCPReqQFullDrop TCPSynRetrans "
      "More\nTcpExt: 1 2 3 4 5 6\nIpExt: TCPSynRetrans\nIpExt: 9\n",
      "entries\t\tsyn_received\tcookie_invalid\tcookie_valid\tcookie_retrans\tconn_reopened\n"
      "00000000\t0000001f\t00000000\t00000002\t00000000\t00000000\n"
      "00000000\t00000001\t00000000\t00000001\t00000000\t00000000\n");
  EXPECT_EQ(counters.refused(), 9u);
  EXPECT_EQ(counters.cookies_back, 1u);
  EXPECT_EQ(counters.retransmitted, 5u);
  EXPECT_EQ(counters.proxied, 32u);
  EXPECT_EQ(counters.proxied_back, 3u);
}

TEST(TcpCountersTest, OddTextsGiveNothing) {
  for (const char* text : {"", "TcpExt:", "TcpExt: A\nTcpExt:",
                           "TcpExt: TCPSynRetrans\nTcpExt: x\n", "TcpExt: TCPSynRetrans\n"}) {
    EXPECT_EQ(ParseTcpCounters(text, text).retransmitted, 0u) << text;
  }
  EXPECT_TRUE(ReadTcpCounters().ok());
}

TEST(BacklogTest, GrowsByWhatIsRefusedAndGoesBackWhenItIsQuiet) {
  Backlog backlog;
  Backlog::Clock::time_point now{};
  EXPECT_FALSE(backlog.Take(100, now)) << "nobody asked for it";
  backlog.SetBounds({.enabled = true, .least = 20, .most = 1000, .growth = 10});
  EXPECT_EQ(backlog.LimitFor(4096), 1000);
  EXPECT_EQ(backlog.LimitFor(1), 20);
  EXPECT_TRUE(backlog.Take(7, now));
  EXPECT_EQ(backlog.LimitFor(128), 198);
  EXPECT_FALSE(backlog.Take(0, now + std::chrono::seconds(59)));
  for (int minute = 1; minute < 20; ++minute) backlog.Take(0, now + std::chrono::minutes(minute));
  EXPECT_EQ(backlog.LimitFor(128), 128);
  for (int i = 0; i < 100; ++i) backlog.Take(1'000'000, now);
  EXPECT_EQ(backlog.LimitFor(128), 1000);
}

}  // namespace
}  // namespace firebreak::agent
