// SPDX-License-Identifier: Apache-2.0
#include "policy/difference/compare.h"

#include <random>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak::policy {
namespace {

// The rules are about a small world: ports 0..7 of protocol 6, addresses 0..15.
constexpr uint16_t kLastPort = 7, kLastAddress = 15;

Box Small(uint16_t first_port, uint16_t last_port, uint16_t first_address, uint16_t last_address) {
  Box box;
  box.first16 = {6, 0, first_port};
  box.last16 = {6, 0, last_port};
  box.first_address = first_address;
  box.last_address = last_address;
  return box;
}

Box World() { return Small(0, kLastPort, 0, kLastAddress); }

Comparison CompareAll(const RuleList& before, const RuleList& after) {
  size_t work = 10'000'000;
  return Compare(before, after, World(), work);
}

class CompareTest : public testing::Test {
 protected:
  Rulings::Number Says(Outcome::Action action, const std::string& mapping = "") {
    return rulings_.Add({{action}, {Cause::Kind::kMapping, "p", mapping}});
  }
  Rule Allow(const Box& box, const std::string& mapping = "") {
    return {box, Says(Outcome::Action::kAdmitted, mapping)};
  }
  Rule Block(const Box& box, const std::string& mapping = "") {
    return {box, Says(Outcome::Action::kRefused, mapping)};
  }

  static const Rule& Decider(const RuleList& rules, const Box& packet) {
    for (const Rule& rule : rules) {
      if (Covers(rule.box, packet)) return rule;
    }
    return rules.back();
  }

  Rulings rulings_;
};

TEST_F(CompareTest, ListsThatSayTheSameDifferNowhere) {
  const RuleList one = {Allow(Small(1, 2, 0, 3)), Block(World())};
  EXPECT_TRUE(CompareAll(one, one).differences.empty());
  // The other list has the same rule in two pieces, and a rule that adds nothing.
  const RuleList other = {Allow(Small(1, 1, 0, 3)), Allow(Small(2, 2, 0, 3)),
                          Allow(Small(1, 2, 1, 2)), Block(Small(5, 5, 0, 9)), Block(World())};
  const Comparison comparison = CompareAll(one, other);
  EXPECT_TRUE(comparison.complete);
  EXPECT_TRUE(comparison.differences.empty());
}

TEST_F(CompareTest, ABoxIsToldWholeHoweverItWasCut) {
  RuleList before, after;
  // Other rules lie on all sides of the new one, so that there are many borders to cut at.
  for (uint16_t i = 0; i < 8; ++i) {
    before.push_back(Allow(Small(i, i, 0, 1), std::to_string(i)));
    before.push_back(Allow(Small(0, 0, i, i), std::to_string(i)));
  }
  after = before;
  before.push_back(Block(World()));
  after.push_back(Allow(Small(1, 7, 2, 14), "new"));
  after.push_back(Block(World()));
  const Comparison comparison = CompareAll(before, after);
  ASSERT_EQ(comparison.differences.size(), 1u);
  EXPECT_EQ(comparison.differences[0].box, Small(1, 7, 2, 14));
  EXPECT_EQ(rulings_[comparison.differences[0].after.ruling].cause.mapping, "new");
}

TEST_F(CompareTest, ARuleThatMovesInFrontOfAnotherChangesWhereTheyOverlap) {
  const Rule allow = Allow(Small(0, 3, 0, 15)), block = Block(Small(2, 7, 4, 7));
  const Comparison comparison =
      CompareAll({allow, block, Block(World())}, {block, allow, Block(World())});
  ASSERT_EQ(comparison.differences.size(), 1u);
  EXPECT_EQ(comparison.differences[0].box, Small(2, 3, 4, 7));
}

TEST_F(CompareTest, WhatTookTooMuchWorkIsSaidToBeIncomplete) {
  RuleList before = {Block(World())}, after;
  for (uint16_t i = 0; i < 8; ++i) after.push_back(Allow(Small(i, i, i, i)));
  after.push_back(Block(World()));
  size_t work = 20;
  EXPECT_FALSE(Compare(before, after, World(), work).complete);
  EXPECT_LT(work, 20u);
  EXPECT_TRUE(CompareAll(before, after).complete);
}

TEST_F(CompareTest, RandomListsDifferExactlyInTheBoxesTold) {
  std::mt19937_64 random(7);
  const auto below = [&](uint32_t limit) { return static_cast<uint16_t>(random() % limit); };
  const auto any_rule = [&] {
    const uint16_t port = below(kLastPort + 1), address = below(kLastAddress + 1);
    const Box box = Small(port, static_cast<uint16_t>(port + below(kLastPort + 1 - port)), address,
                          static_cast<uint16_t>(address + below(kLastAddress + 1 - address)));
    return below(2) == 0 ? Allow(box, std::to_string(below(3))) : Block(box);
  };
  size_t differing = 0;
  for (int round = 0; round < 3000; ++round) {
    RuleList before, after;
    for (uint16_t i = below(9); i > 0; --i) before.push_back(any_rule());
    after = before;
    for (uint16_t i = below(4); i > 0; --i) {
      const uint16_t at = below(static_cast<uint32_t>(after.size()) + 1);
      const uint16_t what = below(3);
      if (what == 0 && !after.empty()) {
        after.erase(after.begin() + below(static_cast<uint32_t>(after.size())));
      } else if (what == 1 && after.size() > 1) {
        std::swap(after[0], after[below(static_cast<uint32_t>(after.size()))]);
      } else {
        after.insert(after.begin() + at, any_rule());
      }
    }
    before.push_back(Block(World()));
    after.push_back(below(8) == 0 ? Allow(World()) : Block(World()));
    const Comparison comparison = CompareAll(before, after);
    ASSERT_TRUE(comparison.complete);
    for (uint16_t port = 0; port <= kLastPort; ++port) {
      for (uint16_t address = 0; address <= kLastAddress; ++address) {
        const Box packet = Small(port, port, address, address);
        const uint32_t was = Decider(before, packet).number.outcome;
        const uint32_t is = Decider(after, packet).number.outcome;
        const Difference* holds = nullptr;
        for (const Difference& difference : comparison.differences) {
          if (!Covers(difference.box, packet)) continue;
          ASSERT_EQ(holds, nullptr) << "two boxes hold one packet, round " << round;
          holds = &difference;
        }
        ASSERT_EQ(holds != nullptr, was != is)
            << "round " << round << " port " << port << " address " << address;
        if (holds == nullptr) continue;
        ++differing;
        ASSERT_EQ(holds->before.outcome, was);
        ASSERT_EQ(holds->after.outcome, is);
      }
    }
  }
  EXPECT_GT(differing, 10'000u);
}

}  // namespace
}  // namespace firebreak::policy
