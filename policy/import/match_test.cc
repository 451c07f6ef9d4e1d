// SPDX-License-Identifier: Apache-2.0
#include "policy/import/match.h"

#include <gtest/gtest.h>

#include "policy/import/words.h"

namespace firebreak::importer {
namespace {

Match Port(int protocol, uint32_t first, uint32_t last) {
  Match match;
  match.protocols.reset();
  match.protocols.set(static_cast<size_t>(protocol));
  match.ports = IntervalSet::Of(first, last);
  Normalise(match);
  return match;
}

TEST(IntervalSet, JoinsWhatTouchesAndCutsOut) {
  const IntervalSet set = IntervalSet::Of({{5, 9}, {1, 4}, {20, 30}});
  EXPECT_EQ(set, IntervalSet::Of({{1, 9}, {20, 30}}));
  EXPECT_EQ(set.Without(IntervalSet::Of(3, 25)), IntervalSet::Of({{1, 2}, {26, 30}}));
  EXPECT_EQ(AllV6().Without(AllV6()), IntervalSet());
  EXPECT_TRUE(IntervalSet::Of(absl::Uint128Max(), absl::Uint128Max()).Within(AllV6()));
}

TEST(Interfaces, KnowsPatternsAndExceptions) {
  EXPECT_EQ(Intersect(Named({"eth*"}), AllBut({"eth0"})),
            (Interfaces{.included = std::vector<std::string>{"eth*"}, .excluded = {"eth0"}}));
  EXPECT_TRUE(Intersect(Named({"eth0"}), AllBut({"eth*"})).IsEmpty());
  EXPECT_EQ(Unite(AllBut({"docker0"}), Named({"docker0"})), Interfaces());
  EXPECT_TRUE(Within(Named({"wg1"}), Named({"wg*"})));
}

TEST(Match, UnitesOnlyWhatIsAProduct) {
  EXPECT_EQ(Unite(Port(kTcp, 80, 80), Port(kTcp, 81, 81)), Port(kTcp, 80, 81));
  EXPECT_FALSE(Unite(Port(kTcp, 80, 80), Port(kUdp, 53, 53)).has_value());
  // Addresses of different families count as one dimension, because no packet has both.
  Match four = Port(kTcp, 80, 80), six = four;
  four.from = *ParseAddress("10.0.0.0/8");
  six.from = *ParseAddress("fd00::/8");
  Normalise(four);
  Normalise(six);
  const auto both = Unite(four, six);
  ASSERT_TRUE(both.has_value());
  EXPECT_EQ(both->from, Unite(four.from, six.from));
  EXPECT_FALSE(Overlap(four, six));
}

TEST(Match, IsWithinAnotherOnlyIfThatHasNoLimit) {
  Match limited = Port(kTcp, 1, 100);
  EXPECT_TRUE(Within(Port(kTcp, 80, 80), limited));
  limited.rate = Rate();
  EXPECT_FALSE(Within(Port(kTcp, 80, 80), limited));
  EXPECT_TRUE(Within(limited, Port(kTcp, 1, 100)));
}

TEST(Words, RefusesWhatIsNone) {
  EXPECT_FALSE(ParseAddress("10.0.0.0/33").ok());
  EXPECT_FALSE(ParseAddress("example.org").ok());
  EXPECT_FALSE(ParsePort("90:80", ':').ok());
  EXPECT_FALSE(ParsePort("65536", ':').ok());
  EXPECT_FALSE(ParseRateWord("0/minute").ok());
  EXPECT_FALSE(SplitWords("-m comment --comment \"cut off").ok());
  EXPECT_EQ(ParseAddress("192.168.1.7/255.255.255.0")->v4,
            IntervalSet::Of(0xc0a80100u, 0xc0a801ffu));
}

}  // namespace
}  // namespace firebreak::importer
