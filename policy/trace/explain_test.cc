// SPDX-License-Identifier: Apache-2.0
#include "policy/trace/explain.h"

// glibc's header comes before the kernel's, which then leave out what both define.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>

#include <string>
#include <utility>
#include <vector>

#include "policy/trace/test_packets.h"
#include "policy/trace/test_router.h"

namespace firebreak::policy {
namespace {

using datagram::Icmp;
using datagram::Tcp;
using datagram::Udp;
using ruleset::Bytes;
using testing::HasSubstr;

class ExplainTest : public testing::Test {
 protected:
  ExplainTest() {
    policy_.set_managed(true);
    AddLocation("elsewhere").set_firewall(v1::Firewall::on);
    Base().set_firewall_policy("base");
    router_.AddDefaultRoutes();
    router_.host().flow = [this](const Tuple& tuple) -> std::optional<Flow> {
      if (flow_.has_value() && (flow_->original == tuple || flow_->reply == tuple)) return flow_;
      return std::nullopt;
    };
  }

  v1::Settings& AddLocation(const char* name) {
    v1::EffectiveLocation* location = policy_.add_locations();
    location->set_name(name);
    return *location->add_layers()->mutable_settings();
  }
  v1::Settings& Base() {
    return *policy_.mutable_locations(0)->mutable_layers(0)->mutable_settings();
  }
  v1::Mapping& Map(v1::Mappings& mappings, v1::Traffic::Action action, uint16_t port) {
    v1::Mapping& mapping = *mappings.add_items();
    mapping.set_name("ssh");
    mapping.set_policy("servers");
    mapping.set_action(action);
    v1::PortRange& range = *mapping.add_ports();
    range.set_protocol(IPPROTO_TCP);
    range.set_first(port);
    range.set_last(port);
    return mapping;
  }

  // Compiles the policy, with eth0 at the location, and returns the answer for the packet.
  v1::TraceAnswer Ask(Packet packet, const std::string& location = "") {
    Origins origins;
    ruleset::Ruleset ruleset = Compile(policy_, interfaces_, {.origins = &origins}).value();
    if (!location.empty()) {
      ruleset.inet->sets.at(LocationSetName(location)).elements = {
          ruleset::Element(Bytes(reinterpret_cast<const char*>(&kEth0), sizeof kEth0))};
    }
    const Trace trace = TracePacket(ruleset, router_.host(), std::move(packet));
    return Explain(trace, {ruleset, policy_, interfaces_, origins});
  }

  v1::EffectivePolicy policy_;
  std::vector<Interface> interfaces_ = {{.name = "eth0", .type = "ethernet", .index = kEth0},
                                        {.name = "eth1", .type = "ethernet", .index = kEth1}};
  TestRouter router_;
  std::optional<Flow> flow_;
};

Packet In(uint8_t protocol, const Bytes& transport, const char* from = "10.0.0.5",
          const char* to = "10.0.0.1") {
  return Incoming(From(from, to, protocol), transport);
}
Packet InTcp(uint8_t flags = kSyn) {
  return In(IPPROTO_TCP, Tcp(40000, 22, flags, 1, (flags & kAck) != 0 ? 1 : 0, ""));
}
Packet OutTcp(const char* from = "10.0.0.1", const char* to = "10.0.0.5") {
  Packet packet = In(IPPROTO_TCP, Tcp(40000, 22, kSyn, 1, 0, ""), from, to);
  packet.out = std::exchange(packet.in, std::nullopt);
  return packet;
}

TEST_F(ExplainTest, SaysThatNobodyAskedForIt) {
  const v1::TraceAnswer answer = Ask(InTcp());
  EXPECT_EQ(answer.verdict(), "drop");
  EXPECT_EQ(answer.reason(), "unsolicited");
  EXPECT_FALSE(answer.detail().empty());
  EXPECT_EQ(answer.policy(), "base");
  EXPECT_EQ(answer.mapping(), "");
  EXPECT_EQ(answer.hook(), "input");
  EXPECT_EQ(answer.state(), "new");
  EXPECT_EQ(answer.location(), "elsewhere");
  EXPECT_EQ(answer.in_interface(), "eth0");
  EXPECT_EQ(answer.out_interface(), "");
  EXPECT_EQ(answer.source_after(), "10.0.0.5:40000");
  EXPECT_EQ(answer.destination_after(), "10.0.0.1:22");
  EXPECT_FALSE(answer.observed());
  ASSERT_GT(answer.steps_size(), 0);
  const v1::TraceStep& last = answer.steps(answer.steps_size() - 1);
  EXPECT_EQ(last.chain(), "drop.unsolicited");
  EXPECT_NE(answer.chain(), "drop.unsolicited") << "what led there tells more";
}

TEST_F(ExplainTest, NamesTheMappingThatDecides) {
  v1::Mapping& blocked = Map(*Base().mutable_inbound(), v1::Traffic::block, 22);
  blocked.set_name("not-from-there");
  v1::Prefix& from = *blocked.add_remote();
  from.set_address(Address("10.9.0.0"));
  from.set_length(24);
  Map(*Base().mutable_inbound(), v1::Traffic::allow, 22);

  const v1::TraceAnswer allowed = Ask(InTcp());
  EXPECT_EQ(allowed.verdict(), "accept");
  EXPECT_EQ(allowed.reason(), "mapping");
  EXPECT_EQ(allowed.mapping(), "ssh");
  EXPECT_EQ(allowed.policy(), "servers");
  EXPECT_THAT(allowed.element(), HasSubstr("22"));
  EXPECT_THAT(allowed.rule(), HasSubstr("vmap"));

  const v1::TraceAnswer answer = Ask(In(IPPROTO_TCP, Tcp(40000, 22, kSyn, 1, 0, ""), "10.9.0.7"));
  EXPECT_EQ(answer.verdict(), "drop");
  EXPECT_EQ(answer.reason(), "blocked");
  EXPECT_EQ(answer.mapping(), "not-from-there");
  EXPECT_EQ(answer.policy(), "servers");
  EXPECT_THAT(answer.element(), HasSubstr("10.9.0.0"));
}

TEST_F(ExplainTest, SaysWhatObservingLetsPass) {
  Base().set_firewall(v1::Firewall::observe);
  const v1::TraceAnswer answer = Ask(InTcp());
  EXPECT_EQ(answer.verdict(), "accept");
  EXPECT_EQ(answer.reason(), "unsolicited");
  EXPECT_TRUE(answer.observed());
}

TEST_F(ExplainTest, JudgesByWhereTheInterfaceIs) {
  v1::Settings& corp = AddLocation("corp");
  corp.set_firewall(v1::Firewall::off);
  corp.set_firewall_policy("trusting");
  EXPECT_EQ(Ask(InTcp()).location(), "elsewhere");
  const v1::TraceAnswer answer = Ask(InTcp(), "corp");
  EXPECT_EQ(answer.verdict(), "accept");
  EXPECT_EQ(answer.reason(), "firewall-off");
  EXPECT_EQ(answer.policy(), "trusting");
  EXPECT_EQ(answer.location(), "corp");
}

TEST_F(ExplainTest, TellsWhatConnectionTrackingKnows) {
  Packet first = OutTcp();
  flow_ = Flow{.original = *TupleOf(first),
               .reply = *Inverse(*TupleOf(first)),
               .status = IPS_SEEN_REPLY,
               .tcp_state = TCP_CONNTRACK_ESTABLISHED};
  const v1::TraceAnswer established = Ask(In(IPPROTO_TCP, Tcp(22, 40000, kAck, 1, 1, "")));
  EXPECT_EQ(established.verdict(), "accept");
  EXPECT_EQ(established.reason(), "established");
  EXPECT_EQ(established.state(), "established");
  EXPECT_EQ(established.policy(), "") << "nobody's wish in particular";

  const v1::TraceAnswer related = Ask(In(IPPROTO_ICMP, Icmp(3, 1, 0, first.network)));
  EXPECT_EQ(related.verdict(), "accept");
  EXPECT_EQ(related.reason(), "related");
  EXPECT_EQ(related.state(), "related");

  const v1::TraceAnswer invalid = Ask(InTcp(kAck));
  EXPECT_EQ(invalid.verdict(), "drop");
  EXPECT_EQ(invalid.reason(), "invalid");
  EXPECT_EQ(invalid.state(), "invalid");
  EXPECT_THAT(invalid.detail(), HasSubstr("a TCP segment of no known connection"));

  EXPECT_EQ(Ask(InTcp(kSyn | kFin)).reason(), "impossible");
}

TEST_F(ExplainTest, TellsWhatTheKernelDecides) {
  const v1::TraceAnswer unrouted = Ask(In(IPPROTO_UDP, Udp(1, 2, ""), "10.0.0.5", "10.0.0.9"));
  EXPECT_EQ(unrouted.verdict(), "drop");
  EXPECT_EQ(unrouted.reason(), "kernel");
  EXPECT_EQ(unrouted.hook(), "prerouting");
  EXPECT_THAT(unrouted.detail(), HasSubstr("forwards nothing"));
  EXPECT_EQ(unrouted.rule(), "");

  datagram::Header header = From("10.0.0.5", "10.0.0.1", IPPROTO_UDP);
  header.more_fragments = true;
  const v1::TraceAnswer fragment = Ask(Incoming(header, Udp(1, 2, "12345678")));
  EXPECT_EQ(fragment.verdict(), "hold");
  EXPECT_EQ(fragment.reason(), "fragment");
}

TEST_F(ExplainTest, TellsOfWhatGoesOut) {
  EXPECT_EQ(Ask(OutTcp()).reason(), "allowed");
  Base().set_outbound_default(v1::Traffic::block);
  Base().set_outbound_default_policy("strict");
  const v1::TraceAnswer blocked = Ask(OutTcp());
  EXPECT_EQ(blocked.verdict(), "drop");
  EXPECT_EQ(blocked.reason(), "outbound");
  EXPECT_EQ(blocked.policy(), "strict");
  EXPECT_EQ(blocked.hook(), "output");
  EXPECT_EQ(blocked.out_interface(), "eth0");
  Map(*Base().mutable_outbound(), v1::Traffic::allow, 22);
  const v1::TraceAnswer mapped = Ask(OutTcp("fd00::1", "fd00::5"));
  EXPECT_EQ(mapped.reason(), "mapping");
  EXPECT_EQ(mapped.mapping(), "ssh");
  EXPECT_EQ(mapped.source_after(), "[fd00::1]:40000");
  EXPECT_EQ(mapped.destination_after(), "[fd00::5]:22");
  EXPECT_EQ(Ask(OutTcp("203.0.113.9", "10.0.0.5")).reason(), "spoofed");
}

TEST_F(ExplainTest, KnowsWhatIsNotFiltered) {
  Packet looped = In(IPPROTO_TCP, Tcp(40000, 22, kSyn, 1, 0, ""), "127.0.0.1", "127.0.0.1");
  looped.in = TestRouter::lo();
  const v1::TraceAnswer loopback = Ask(looped);
  EXPECT_EQ(loopback.verdict(), "accept");
  EXPECT_EQ(loopback.reason(), "loopback");
  EXPECT_EQ(loopback.location(), "") << "it is nowhere";

  const v1::TraceAnswer neighbour =
      Ask(In(IPPROTO_ICMPV6, Icmp(135, 0, 0, Bytes(16, '\0')), "fe80::5", "fe80::1"));
  EXPECT_EQ(neighbour.verdict(), "accept");
  EXPECT_EQ(neighbour.reason(), "essential");
  EXPECT_EQ(neighbour.state(), "untracked");
  EXPECT_EQ(neighbour.source_after(), "fe80::5") << "ICMP has no ports";

  policy_.Clear();
  const v1::TraceAnswer unmanaged = Ask(InTcp());
  EXPECT_EQ(unmanaged.verdict(), "accept");
  EXPECT_EQ(unmanaged.reason(), "unmanaged");
  EXPECT_EQ(unmanaged.location(), "");
}

}  // namespace
}  // namespace firebreak::policy
