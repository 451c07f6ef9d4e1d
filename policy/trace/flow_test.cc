// SPDX-License-Identifier: Apache-2.0
#include "policy/trace/flow.h"

#include <gtest/gtest.h>

#include <utility>

#include "policy/trace/test_packets.h"

namespace firebreak::policy {
namespace {

Tuple MakeTuple(uint8_t protocol, const char* source, const char* destination) {
  return {.source = Address(source), .destination = Address(destination), .protocol = protocol};
}

TEST(Inverse, SwapsAddressesAndPorts) {
  for (uint8_t protocol : {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP, IPPROTO_GRE}) {
    Tuple tuple = MakeTuple(protocol, "192.0.2.1", "198.51.100.2");
    tuple.source_port = 40000;
    tuple.destination_port = 22;
    Tuple answer = MakeTuple(protocol, "198.51.100.2", "192.0.2.1");
    answer.source_port = 22;
    answer.destination_port = 40000;
    EXPECT_EQ(Inverse(tuple), answer) << int{protocol};
    EXPECT_EQ(Inverse(answer), tuple) << int{protocol};
  }
}

// Source: invmap of nf_conntrack_proto_icmp.c and _icmpv6.c. Every other type has no answer.
TEST(Inverse, KnowsTheAnswersOfIcmp) {
  const struct {
    uint8_t protocol, request, reply;
  } pairs[] = {{IPPROTO_ICMP, 8, 0},   {IPPROTO_ICMP, 13, 14},     {IPPROTO_ICMP, 15, 16},
               {IPPROTO_ICMP, 17, 18}, {IPPROTO_ICMPV6, 128, 129}, {IPPROTO_ICMPV6, 139, 140}};
  for (uint8_t protocol : {uint8_t{IPPROTO_ICMP}, uint8_t{IPPROTO_ICMPV6}}) {
    for (int type = 0; type < 256; ++type) {
      Tuple tuple = MakeTuple(protocol, "2001:db8::1", "2001:db8::2");
      tuple.source_port = 0x1234;
      tuple.icmp_type = static_cast<uint8_t>(type);
      tuple.icmp_code = 3;
      std::optional<Tuple> expected;
      for (const auto& pair : pairs) {
        if (pair.protocol != protocol || (type != pair.request && type != pair.reply)) continue;
        expected = tuple;
        std::swap(expected->source, expected->destination);
        expected->icmp_type = type == pair.request ? pair.reply : pair.request;
      }
      EXPECT_EQ(Inverse(tuple), expected) << int{protocol} << " " << type;
    }
  }
}

}  // namespace
}  // namespace firebreak::policy
