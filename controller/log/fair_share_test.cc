// SPDX-License-Identifier: Apache-2.0
#include "controller/log/fair_share.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "absl/strings/str_cat.h"

namespace firebreak::controller {
namespace {

using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

TEST(FairShare, WhoHoldsLittleKeepsIt) {
  EXPECT_THAT(ExcessOf({{"web-1", 10}, {"web-2", 20}}, 30), IsEmpty());
  EXPECT_THAT(ExcessOf({{"flood", 1000}, {"web-1", 10}, {"web-2", 20}}, 100),
              UnorderedElementsAre(Pair("flood", 930)));
  EXPECT_THAT(ExcessOf({{"a", 60}, {"b", 90}, {"c", 10}}, 100),
              UnorderedElementsAre(Pair("a", 15), Pair("b", 45)));
  EXPECT_THAT(ExcessOf({{"a", 5}}, 0), UnorderedElementsAre(Pair("a", 5)));
  EXPECT_THAT(ExcessOf({}, 0), IsEmpty());
}

TEST(FairShare, WhatIsLeftFitsAndNobodyBelowAnotherGivesAnything) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 1000; ++i) {
    HostBytes held;
    uint64_t all = 0;
    for (uint64_t host = 0; host < 1 + random() % 20; ++host) {
      all += held[absl::StrCat(host)] = random() % 1000;
    }
    const uint64_t limit = random() % 5000;
    const HostBytes excess = ExcessOf(held, limit);
    uint64_t left = all;
    uint64_t most = 0;            // the most that any host holds which gives nothing
    uint64_t least = UINT64_MAX;  // the least that is left to any host which gives
    for (const auto& [host, bytes] : held) {
      const auto gives = excess.find(host);
      if (gives == excess.end()) {
        most = std::max(most, bytes);
      } else {
        left -= gives->second;
        least = std::min(least, bytes - gives->second);
      }
    }
    EXPECT_LE(left, limit);
    EXPECT_EQ(excess.empty(), all <= limit);
    if (!excess.empty()) {
      EXPECT_LE(most, least);
      EXPECT_LT(limit - left, held.size());  // for rounding
    }
  }
}

}  // namespace
}  // namespace firebreak::controller
