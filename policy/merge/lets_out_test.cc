// SPDX-License-Identifier: Apache-2.0
#include "policy/merge/lets_out.h"

#include <gtest/gtest.h>
#include <netinet/in.h>

namespace firebreak::policy {
namespace {

v1::Mapping Udp(v1::Traffic::Action action, uint32_t first, uint32_t last) {
  v1::Mapping mapping;
  mapping.set_action(action);
  v1::PortRange& range = *mapping.add_ports();
  range.set_protocol(IPPROTO_UDP);
  range.set_first(first);
  range.set_last(last);
  return mapping;
}

TEST(LetsOut, TheFirstMappingThatCoversThePortDecidesUnlessItIsForSomeOnly) {
  Profile profile;
  EXPECT_TRUE(LetsOut(profile, IPPROTO_UDP, 123));
  profile.outbound_default = v1::Traffic::block;
  EXPECT_FALSE(LetsOut(profile, IPPROTO_UDP, 123));
  const v1::Mapping time = Udp(v1::Traffic::allow, 100, 200);
  profile.outbound = {&time};
  EXPECT_TRUE(LetsOut(profile, IPPROTO_UDP, 123));
  EXPECT_FALSE(LetsOut(profile, IPPROTO_UDP, 99));
  EXPECT_FALSE(LetsOut(profile, IPPROTO_TCP, 123));
  const v1::Mapping never = Udp(v1::Traffic::block, 123, 123);
  profile.outbound = {&never, &time};
  EXPECT_FALSE(LetsOut(profile, IPPROTO_UDP, 123));
  v1::Mapping to_one = never;
  to_one.add_remote()->set_address("abcd");
  profile.outbound = {&to_one, &time};
  EXPECT_TRUE(LetsOut(profile, IPPROTO_UDP, 123));
  v1::Mapping of_one = time;
  of_one.add_users("chrony");
  profile.outbound = {&of_one};
  EXPECT_FALSE(LetsOut(profile, IPPROTO_UDP, 123)) << "who asks for the time is not known";
  profile.firewall = v1::Firewall::observe;
  EXPECT_TRUE(LetsOut(profile, IPPROTO_UDP, 123));
}

TEST(LetsOutForNow, IsWhatOnlyMappingsThatExpireLetOut) {
  Profile profile;
  profile.outbound_default = v1::Traffic::block;
  EXPECT_FALSE(LetsOutForNow(profile, IPPROTO_UDP, 123)) << "nothing is let out";
  v1::Mapping today = Udp(v1::Traffic::allow, 100, 200);
  today.set_expires(1'800'000'000);
  today.add_remote()->set_address("abcd");
  profile.outbound = {&today};
  EXPECT_TRUE(LetsOutForNow(profile, IPPROTO_UDP, 123));
  EXPECT_FALSE(LetsOutForNow(profile, IPPROTO_UDP, 99));
  const v1::Mapping always = Udp(v1::Traffic::allow, 123, 123),
                    never = Udp(v1::Traffic::block, 1, 65535);
  profile.outbound = {&today, &always};
  EXPECT_FALSE(LetsOutForNow(profile, IPPROTO_UDP, 123));
  profile.outbound = {&today, &never, &always};
  EXPECT_TRUE(LetsOutForNow(profile, IPPROTO_UDP, 123));
  profile.outbound = {&today};
  profile.outbound_default = v1::Traffic::allow;
  EXPECT_FALSE(LetsOutForNow(profile, IPPROTO_UDP, 123));
}

}  // namespace
}  // namespace firebreak::policy
