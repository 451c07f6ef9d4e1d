// SPDX-License-Identifier: Apache-2.0
#include "cli/explain/explain.h"

#include <gtest/gtest.h>
#include <netinet/in.h>

#include "cli/input/packet.h"

namespace firebreak::cli {
namespace {

constexpr char kFile[] = R"(
kind: Group
name: web
match: {role: web}
---
kind: Policy
name: web-servers
groups: [web]
port_mappings:
  - service: https
  - service: ssh
    from: [10.0.0.0/8]
---
kind: Policy
name: watched
groups: [web]
priority: -1
interfaces:
  - match: {types: [vpn]}
    firewall: observe
)";

v1::TraceAnswer Ask(const PacketOptions& packet, const ImaginedHost& host) {
  const policy::SourceFile file = {"web.yaml", kFile};
  const auto question = ParsePacketOptions(packet);
  EXPECT_TRUE(question.ok()) << question.status();
  const auto answer = ExplainOffline({&file, 1}, host, *question);
  EXPECT_TRUE(answer.ok()) << answer.status();
  return *answer;
}

PacketOptions Tcp(const char* from, const char* to) {
  return {.in = "eth0", .protocol = "tcp", .from = from, .to = to};
}

const ImaginedHost kWeb = {.labels = {{"role", "web"}}};

TEST(ExplainOffline, NamesTheMappingThatOpens) {
  const v1::TraceAnswer answer = Ask(Tcp("203.0.113.1", "192.0.2.1:443"), kWeb);
  EXPECT_EQ(answer.verdict(), "accept");
  EXPECT_EQ(answer.reason(), "mapping");
  EXPECT_EQ(answer.mapping(), "https");
  EXPECT_EQ(answer.policy(), "web-servers");
  EXPECT_EQ(answer.location(), "elsewhere");
  EXPECT_EQ(answer.hook(), "input");
  EXPECT_EQ(answer.state(), "new");
}

TEST(ExplainOffline, SaysWhyNothingOpens) {
  const v1::TraceAnswer answer = Ask(Tcp("203.0.113.1", "192.0.2.1:22"), kWeb);
  EXPECT_EQ(answer.verdict(), "drop");
  EXPECT_EQ(answer.reason(), "unsolicited");
  EXPECT_EQ(answer.mapping(), "");
  EXPECT_EQ(Ask(Tcp("10.1.2.3", "192.0.2.1:22"), kWeb).mapping(), "ssh");
}

TEST(ExplainOffline, TellsImpossibleFlagsAndForgedSources) {
  PacketOptions xmas = Tcp("203.0.113.1", "192.0.2.1:443");
  xmas.flags = "fin,psh,urg";
  EXPECT_EQ(Ask(xmas, kWeb).reason(), "impossible");
  EXPECT_EQ(Ask(xmas, kWeb).hook(), "prerouting");
}

TEST(ExplainOffline, ObservesWhereItIsAskedTo) {
  ImaginedHost host = kWeb;
  host.interface_type = "vpn";
  const v1::TraceAnswer answer = Ask(Tcp("203.0.113.1", "192.0.2.1:22"), host);
  EXPECT_EQ(answer.verdict(), "accept");
  EXPECT_TRUE(answer.observed());
  EXPECT_EQ(answer.policy(), "watched");
}

TEST(ExplainOffline, RoutesFromOneInterfaceToTheOther) {
  PacketOptions routed = Tcp("10.1.2.3", "198.51.100.7:443");
  routed.out = "wan0";
  const v1::TraceAnswer answer = Ask(routed, kWeb);
  EXPECT_EQ(answer.hook(), "forward");
  EXPECT_EQ(answer.verdict(), "drop");
  EXPECT_EQ(answer.reason(), "forward");
}

TEST(ExplainOffline, AHostWithoutPoliciesHasNoRules) {
  const v1::TraceAnswer answer = Ask(Tcp("203.0.113.1", "192.0.2.1:22"), {});
  EXPECT_EQ(answer.verdict(), "accept");
  EXPECT_EQ(answer.reason(), "unmanaged");
}

TEST(ExplainOffline, RefusesFilesThatApplyWouldRefuse) {
  const policy::SourceFile file = {"bad.yaml", "kind: Policy\nname: p\ngroups: [nowhere]\n"};
  const auto question = ParsePacketOptions(Tcp("203.0.113.1", "192.0.2.1:22"));
  EXPECT_TRUE(absl::IsInvalidArgument(ExplainOffline({&file, 1}, {}, *question).status()));
}

TEST(ExplainOffline, RefusesALocationThatIsNotThere) {
  const policy::SourceFile file = {"web.yaml", kFile};
  ImaginedHost host = kWeb;
  host.location = "corp";
  const auto question = ParsePacketOptions(Tcp("203.0.113.1", "192.0.2.1:22"));
  EXPECT_TRUE(absl::IsInvalidArgument(ExplainOffline({&file, 1}, host, *question).status()));
}

}  // namespace
}  // namespace firebreak::cli
