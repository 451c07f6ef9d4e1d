// SPDX-License-Identifier: Apache-2.0
#include "policy/merge/expiring.h"

#include "gtest/gtest.h"

namespace firebreak::policy {
namespace {

v1::EffectivePolicy PolicyThatExpires(std::initializer_list<int64_t> inbound,
                                      std::initializer_list<int64_t> of_section) {
  v1::EffectivePolicy policy;
  v1::Layer& layer = *policy.add_locations()->add_layers();
  const auto add = [](const std::initializer_list<int64_t>& times, v1::Mappings& mappings) {
    for (const int64_t time : times) mappings.add_items()->set_expires(time);
  };
  add(inbound, *layer.mutable_settings()->mutable_inbound());
  add(of_section, *layer.add_interfaces()->mutable_settings()->mutable_outbound());
  return policy;
}

TEST(Expiring, MappingsGoAtTheirTime) {
  const v1::EffectivePolicy policy = PolicyThatExpires({0, 100}, {50, 200});
  const auto left = [&](int64_t now) { return AllMappings(WithoutExpired(policy, now)).size(); };
  EXPECT_EQ(left(49), 4u);
  EXPECT_EQ(left(50), 3u);
  EXPECT_EQ(left(100), 2u);
  EXPECT_EQ(left(1'000'000), 1u);
}

TEST(Expiring, AListThatWasGivenStaysGiven) {
  const v1::EffectivePolicy rest = WithoutExpired(PolicyThatExpires({}, {50}), 50);
  EXPECT_TRUE(rest.locations(0).layers(0).interfaces(0).settings().has_outbound());
}

TEST(Expiring, TheTimesAroundTellWhenToLookAgain) {
  const v1::EffectivePolicy policy = PolicyThatExpires({0, 100}, {50, 200});
  const Expiry between = ExpiryAround(policy, 120);
  EXPECT_EQ(between, (Expiry{.last = 100, .next = 200}));
  EXPECT_FALSE(IsOver(between, 120));
  EXPECT_FALSE(IsOver(between, 199));
  EXPECT_TRUE(IsOver(between, 200));
  // Before the last expiry: the clock was set back.
  EXPECT_TRUE(IsOver(between, 99));
  EXPECT_FALSE(IsOver(ExpiryAround(PolicyThatExpires({0}, {}), 5), 1'000'000));
}

}  // namespace
}  // namespace firebreak::policy
