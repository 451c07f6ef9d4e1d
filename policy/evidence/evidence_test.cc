// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <netinet/in.h>

#include "policy/evidence/policy_judge.h"
#include "policy/evidence/seen_packets.h"
#include "policy/merge/merge.h"
#include "policy/merge/select.h"
#include "policy/resources/test_configuration.h"

namespace firebreak::policy {
namespace {

v1::EffectivePolicy Effective(const std::string& text) {
  const Configuration configuration = TestConfiguration(text);
  const Selector selector(configuration);
  return Merge(configuration, selector.Select("host", {}));
}

constexpr char kPolicy[] = R"(
kind: Policy
name: web
groups: [all]
firewall: "on"
port_mappings: [{protocol: tcp, ports: 22, from: 10.0.0.0/8}]
interfaces:
- match: {names: [eth1]}
  port_mappings: []
)";

v1::HostFlow Flow(const std::string& source, const std::string& direction = "in") {
  v1::HostFlow flow;
  flow.set_protocol("tcp");
  flow.set_source(source);
  flow.set_source_port(40000);
  flow.set_destination("192.0.2.1");
  flow.set_destination_port(22);
  flow.set_direction(direction);
  return flow;
}

bool Admits(PolicyJudge& judge, const v1::HostFlow& flow, const std::string& interface = "eth0") {
  return Passes(judge.Judge(*PacketOf(flow), "elsewhere", {interface, "ethernet"}).outcome);
}

TEST(PolicyJudge, JudgesAsThePolicyDoes) {
  PolicyJudge judge(Effective(kPolicy));
  EXPECT_TRUE(Admits(judge, Flow("10.1.2.3")));
  EXPECT_FALSE(Admits(judge, Flow("172.16.0.1")));
  EXPECT_FALSE(Admits(judge, Flow("10.1.2.3"), "eth1"));
  EXPECT_TRUE(Admits(judge, Flow("192.0.2.1", "out")));
  EXPECT_EQ(CauseText(judge.Judge(*PacketOf(Flow("10.1.2.3")), "nowhere", {"eth0", ""}).cause),
            "mapping tcp-22 of policy web");
}

TEST(SeenPackets, FlowsOfOtherDirectionsAreNone) {
  EXPECT_FALSE(PacketOf(Flow("10.0.0.1", "forwarded")).has_value());
  EXPECT_FALSE(PacketOf(Flow("nonsense")).has_value());
  EXPECT_EQ(ServiceText(*PacketOf(Flow("10.0.0.1"))), "tcp/22");
  EXPECT_EQ(RemoteText(*PacketOf(Flow("10.0.0.1"))), "10.0.0.1");
}

TEST(SeenPackets, RecordsTellTheirDirectionByTheHostsAddresses) {
  v1::Facts facts;
  facts.add_interfaces()->add_addresses("192.0.2.1/24");
  const std::set<std::string> own = OwnAddresses(facts);
  Record record;
  record.family = 4;
  record.protocol = IPPROTO_TCP;
  record.source.low = 0x0a000001;
  record.destination.low = 0xc0000201;
  record.source_port = 1234;
  record.destination_port = 22;
  record.tcp_flags = 0x02;
  record.has = Record::kPorts | Record::kTcp;
  record.action = Action::kDrop;
  ASSERT_TRUE(PacketOf(record, own).has_value());
  EXPECT_EQ(PacketOf(record, own)->plane.way, Way::kInbound);
  EXPECT_EQ(RemoteText(*PacketOf(record, own)), "10.0.0.1");
  std::swap(record.source, record.destination);
  EXPECT_EQ(PacketOf(record, own)->plane.way, Way::kOutbound);
  EXPECT_EQ(RemoteText(*PacketOf(record, own)), "10.0.0.1");
  record.tcp_flags = 0x10;  // an acknowledgement begins nothing
  EXPECT_FALSE(PacketOf(record, own).has_value());
}

}  // namespace
}  // namespace firebreak::policy
