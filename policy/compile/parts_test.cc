// SPDX-License-Identifier: Apache-2.0
#include "policy/compile/parts.h"

#include <netinet/in.h>

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "policy/compile/plain.h"

namespace firebreak::policy {
namespace {

v1::Mapping To(uint32_t protocol, uint32_t first, uint32_t last) {
  v1::Mapping mapping;
  v1::PortRange& range = *mapping.add_ports();
  range.set_protocol(protocol);
  range.set_first(first);
  range.set_last(last);
  return mapping;
}

v1::Mapping From(std::string address, uint32_t length, v1::Mapping mapping) {
  v1::Prefix& prefix = *mapping.add_remote();
  prefix.set_address(std::move(address));
  prefix.set_length(length);
  return mapping;
}

v1::Mapping Rich(v1::Mapping mapping) {
  mapping.mutable_limit()->set_flows(1);
  return mapping;
}

TEST(Parts, PlainMappingsComeTogetherWhereTheirOrderAllows) {
  const v1::Mapping web = To(IPPROTO_TCP, 80, 80), ssh = Rich(To(IPPROTO_TCP, 22, 22)),
                    dns = To(IPPROTO_UDP, 53, 53), low = To(IPPROTO_TCP, 1, 1023);
  const std::vector<const v1::Mapping*> list = {&web, &ssh, &dns, &low};
  const std::vector<Part> expected = {{{&web, &dns}, &ssh}, {{&low}, nullptr}};
  EXPECT_EQ(PartsOf(list), expected);
}

TEST(Parts, NothingPassesWhatItHasToComeBehind) {
  const v1::Mapping ssh = Rich(To(IPPROTO_TCP, 22, 22)), low = To(IPPROTO_TCP, 1, 1023),
                    other = Rich(To(IPPROTO_UDP, 1, 65535)), web = To(IPPROTO_TCP, 80, 80),
                    alone = To(IPPROTO_TCP, 8080, 8080);
  const std::vector<const v1::Mapping*> list = {&ssh, &low, &other, &web, &alone};
  // `web` may move before `other`, but not before `low`.
  const std::vector<Part> expected = {{{&alone}, &ssh}, {{&low, &web}, &other}, {{}, nullptr}};
  EXPECT_EQ(PartsOf(list), expected);
}

bool MayOverlap(const v1::Mapping& a, const v1::Mapping& b) {
  size_t comparisons = 0;
  return policy::MayOverlap(a, b, comparisons);
}

TEST(Parts, AddressesOfTwoKindsDoNotOverlap) {
  const v1::Mapping ssh = To(IPPROTO_TCP, 22, 22);
  const std::string ten("\x0a\0\0\0", 4), ten_one("\x0a\x01\0\0", 4), six(16, '\x20');
  EXPECT_TRUE(MayOverlap(From(ten, 8, ssh), From(ten_one, 16, ssh)));
  EXPECT_FALSE(MayOverlap(From(ten, 16, ssh), From(ten_one, 16, ssh)));
  EXPECT_FALSE(MayOverlap(From(ten, 8, ssh), From(six, 128, ssh)));
  EXPECT_TRUE(MayOverlap(From(ten, 8, ssh), ssh));
  EXPECT_TRUE(MayOverlap(From(ten, 8, To(0, 0, 65535)), ssh));
}

TEST(Plain, IcmpAndAnyProtocolNeedRules) {
  EXPECT_TRUE(IsPlain(To(IPPROTO_TCP, 22, 22)));
  EXPECT_FALSE(IsPlain(To(IPPROTO_ICMP, 0, 65535)));
  EXPECT_FALSE(IsPlain(To(IPPROTO_ICMPV6, 0, 65535)));
  EXPECT_FALSE(IsPlain(To(0, 0, 65535)));
}

}  // namespace
}  // namespace firebreak::policy
