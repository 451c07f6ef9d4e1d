// SPDX-License-Identifier: Apache-2.0
#include "agent/record/ledger.h"

#include <gtest/gtest.h>

namespace firebreak::agent {
namespace {

constexpr char kDrop[] = "drop.unsolicited";

uint64_t Sum(const std::vector<Ledger::Loss>& losses) {
  uint64_t sum = 0;
  for (const Ledger::Loss& loss : losses) sum += loss.packets;
  return sum;
}

TEST(Ledger, WhatIsNotReadIsLostOnce) {
  Ledger ledger;
  ledger.Begin({{kDrop, 100}, {"accept.ssh", 7}});
  for (int i = 0; i < 40; ++i) ledger.Took(kDrop);
  ledger.Read({{kDrop, 200}, {"accept.ssh", 70}});
  const auto losses = ledger.Settle(/*quiet=*/false);
  ASSERT_EQ(losses.size(), 1u);
  EXPECT_EQ(losses[0].counter, kDrop);
  EXPECT_EQ(losses[0].packets, 60);
  ledger.Read({{kDrop, 200}});
  EXPECT_EQ(Sum(ledger.Settle(true)), 0);
}

TEST(Ledger, RecordsThatAreReadLaterAreNeverDeclaredLost) {
  Ledger ledger;
  ledger.Begin({});
  ledger.Read({{kDrop, 10}});
  for (int i = 0; i < 25; ++i)
    ledger.Took(kDrop);  // 15 of the packets were counted after the counters were read
  EXPECT_EQ(Sum(ledger.Settle(false)), 0);
  ledger.Read({{kDrop, 30}});
  EXPECT_EQ(Sum(ledger.Settle(true)), 5);
}

TEST(Ledger, ACounterThatBeginsAnewLosesNothing) {
  Ledger ledger;
  ledger.Begin({{kDrop, 50}});
  for (int i = 0; i < 5; ++i) ledger.Took(kDrop);
  ledger.Read({{kDrop, 57}});
  EXPECT_EQ(Sum(ledger.Settle(true)), 2);
  for (int i = 0; i < 3; ++i) ledger.Took(kDrop);
  ledger.Read({{kDrop, 0}});
  EXPECT_EQ(Sum(ledger.Settle(true)), 0);
  ledger.Took(kDrop);
  ledger.Read({{kDrop, 4}});
  EXPECT_EQ(Sum(ledger.Settle(true)), 3);
}

TEST(Ledger, TheNextAgentGoesOnWhereTheLastOneWasKilled) {
  Ledger first;
  first.Begin({{kDrop, 10}});
  first.Took(kDrop);
  first.Took(kDrop);
  Ledger second;
  second.Resume(first.accounts());
  second.Read({{kDrop, 20}});
  EXPECT_EQ(Sum(second.Settle(false)), 8);
  Ledger after_reboot;
  after_reboot.Resume(second.accounts());
  after_reboot.Took(kDrop);
  after_reboot.Read({{kDrop, 3}});
  EXPECT_EQ(Sum(after_reboot.Settle(true)), 2);
  Ledger last;
  last.Resume(after_reboot.accounts());
  last.Read({{kDrop, 3}});
  EXPECT_EQ(Sum(last.Settle(true)), 0);
}

}  // namespace
}  // namespace firebreak::agent
