// SPDX-License-Identifier: Apache-2.0
#include "policy/rollout/drops_rise.h"

#include "gtest/gtest.h"

namespace firebreak::policy {
namespace {

v1::RolloutGates Bounds() {
  v1::RolloutGates gates;
  v1::DropsRise& noisy = *gates.add_drops_rise();
  noisy.add_reasons("unsolicited");
  noisy.set_per_minute(100);
  gates.add_drops_rise()->set_per_minute(5);
  return gates;
}

TEST(RatesBetween, CountsByReasonAndMinute) {
  const DropRates rates =
      RatesBetween({{"blocked", 10}, {"spoofed", 4}},
                   {{"blocked", 20}, {"spoofed", 4}, {"unsolicited", 3}}, absl::Seconds(30));
  EXPECT_EQ(rates, (DropRates{{"blocked", 20}, {"unsolicited", 6}}));
}

TEST(RatesBetween, ACountThatBeganAnewIsWhatItSays) {
  EXPECT_EQ(RatesBetween({{"blocked", 1000}}, {{"blocked", 2}}, absl::Minutes(1)),
            (DropRates{{"blocked", 2}}));
}

TEST(LastMinuteOfDrops, ForgetsWhatIsOlderThanAMinute) {
  LastMinuteOfDrops last;
  last.Add(absl::Seconds(0), {{"blocked", 100}});
  last.Add(absl::Seconds(30), {{"blocked", 140}});
  EXPECT_EQ(last.Packets(), (DropCounts{{"blocked", 40}}));
  EXPECT_EQ(last.Span(), absl::Seconds(30));
  last.Add(absl::Seconds(90), {{"blocked", 141}});
  EXPECT_EQ(last.Packets(), (DropCounts{{"blocked", 1}}));
  EXPECT_EQ(last.Span(), absl::Seconds(60));
}

TEST(LastMinuteOfDrops, ASingleCountTellsOfNothing) {
  LastMinuteOfDrops last;
  EXPECT_TRUE(last.Packets().empty());
  last.Add(absl::Seconds(5), {{"blocked", 100}});
  EXPECT_EQ(last.Packets(), (DropCounts{{"blocked", 0}}));
}

TEST(RisenBeyond, AllowsWhatWasDroppedBeforeAndTheBound) {
  const DropRates before = {{"unsolicited", 1000}};
  EXPECT_FALSE(RisenBeyond(Bounds(), before, {{"unsolicited", 1100}, {"blocked", 5}}).has_value());
  const auto risen = RisenBeyond(Bounds(), before, {{"unsolicited", 1101}});
  ASSERT_TRUE(risen.has_value());
  EXPECT_EQ(risen->reason, "unsolicited");
  EXPECT_EQ(RisenText(*risen, absl::Seconds(12)),
            "it dropped 1101 packets within 12s as unsolicited, and 1000 in a minute before the "
            "change");
}

TEST(RisenBeyond, TellsOfTheWorstReason) {
  const auto risen = RisenBeyond(Bounds(), {}, {{"blocked", 50}, {"invalid", 90}});
  ASSERT_TRUE(risen.has_value());
  EXPECT_EQ(risen->reason, "invalid");
}

TEST(RisenBeyond, AReasonThatNoEntryIsForMayRise) {
  v1::RolloutGates gates = Bounds();
  gates.mutable_drops_rise()->RemoveLast();
  EXPECT_FALSE(RisenBeyond(gates, {}, {{"blocked", 1'000'000}}).has_value());
}

TEST(MostInAMinute, IsOfAnyMinute) {
  MostInAMinute packets;
  const absl::Time start = absl::FromUnixSeconds(1'000'000);
  for (int i = 0; i < 5; ++i) packets.Add(start + absl::Seconds(i * 10));
  EXPECT_EQ(packets.most(), 5u);
  // These are spread over hours, so no minute has more than the five above.
  for (int i = 1; i < 100; ++i) packets.Add(start + absl::Minutes(i * 2));
  EXPECT_EQ(packets.most(), 5u);
  packets.Add(start);  // more than a minute before the newest: ignored
  EXPECT_EQ(packets.most(), 5u);
}

}  // namespace
}  // namespace firebreak::policy
