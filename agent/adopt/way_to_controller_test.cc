// SPDX-License-Identifier: Apache-2.0
#include "agent/adopt/way_to_controller.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <sys/stat.h>

#include <fstream>

#include "base/testing/temporary_directory.h"

namespace firebreak::agent {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string Bytes(const char* text) {
  char bytes[4];
  EXPECT_EQ(inet_pton(AF_INET, text, bytes), 1);
  return std::string(bytes, sizeof bytes);
}

// A host with 192.0.2.2 on eth0 and a tunnel to 10.99.0.0/24. `shut_` are rules that let nothing
// out, `open_` rules that let everything out.
class FindHelpTest : public testing::Test {
 protected:
  FindHelpTest() {
    for (const auto& [index, name, type, address] :
         {std::tuple(2u, "eth0", "ethernet", "192.0.2.2"),
          std::tuple(3u, "tun0", "vpn", "10.99.0.2")}) {
      policy::HostState::Interface interface;
      interface.device.index = index;
      interface.device.name = name;
      interface.addresses = {Bytes(address)};
      host_.interfaces.push_back(interface);
      host_.local.push_back({Bytes(address), 32, RTN_LOCAL, index});
      Link link;
      link.index = index;
      link.name = name;
      link.type = type;
      links_.push_back(link);
    }
    host_.route = [](const ruleset::Bytes& to, uint32_t) -> std::optional<uint32_t> {
      return to[0] == 10 ? 3 : 2;
    };
    host_.flow = [](const policy::Tuple&) { return std::nullopt; };
    host_.checks_checksums = false;
    ruleset::Chain chain;
    chain.hook = {.number = NF_INET_LOCAL_OUT, .priority = 0, .policy = NF_DROP, .type = "filter"};
    shut_.inet.emplace();
    shut_.inet->chains["output"] = chain;
  }

  static Flow Tunnel() {
    Flow flow;
    flow.family = AF_INET;
    flow.protocol = IPPROTO_TCP;
    flow.original = {.source = Bytes("192.0.2.2"), .destination = Bytes("192.0.2.1")};
    flow.original.source_port = 40000;
    flow.original.destination_port = 1194;
    flow.tcp_state = 3;
    flow.status = IPS_SEEN_REPLY;
    return flow;
  }

  std::vector<std::string> Help(const ruleset::Ruleset& rules, const char* controller,
                                std::vector<Flow> flows, std::vector<std::string> servers = {}) {
    return FindHelp(rules, host_, links_, flows, servers, ParseWay(controller, ""));
  }

  policy::HostState host_;
  std::vector<Link> links_;
  ruleset::Ruleset shut_;
  const ruleset::Ruleset open_;
};

TEST_F(FindHelpTest, AConnectionThatTheRulesForbidMayCarryATunnelToTheController) {
  EXPECT_THAT(Help(shut_, "10.99.0.1:7443", {Tunnel()}),
              ElementsAre(HasSubstr("192.0.2.2:40000 to 192.0.2.1:1194")));
  EXPECT_THAT(Help(open_, "10.99.0.1:7443", {Tunnel()}), IsEmpty());
  // An ssh session's forwarded port is an address of this host.
  EXPECT_EQ(Help(shut_, "192.0.2.2:7443", {Tunnel()}).size(), 1u);
  // The way does not lead through the tunnel.
  EXPECT_THAT(Help(shut_, "192.0.2.9:7443", {Tunnel()}), IsEmpty());
  Flow closed = Tunnel();
  closed.tcp_state = 7;
  EXPECT_THAT(Help(shut_, "10.99.0.1:7443", {closed}), IsEmpty());
  EXPECT_EQ(Help(shut_, "10.99.0.1:7443", std::vector<Flow>(50, Tunnel())).size(), kMaxFindings);
}

TEST_F(FindHelpTest, ANameNeedsANameServerThatMayBeAsked) {
  EXPECT_THAT(Help(shut_, "fw.example:7443", {}, {"192.0.2.53", "192.0.2.54"}),
              ElementsAre(HasSubstr("192.0.2.53, 192.0.2.54")));
  EXPECT_THAT(Help(open_, "fw.example:7443", {}, {"192.0.2.53"}), IsEmpty());
  EXPECT_THAT(Help(shut_, "fw.example:7443", {}, {"192.0.2.2"}), IsEmpty()) << "it is here";
  EXPECT_THAT(Help(shut_, "fw.example:7443", {}, {"no address", ""}), IsEmpty());
}

TEST(ParseWay, ReadsAddressesWithTheirPorts) {
  EXPECT_EQ(ParseWay("fw.example:7443", "").host, "fw.example");
  EXPECT_EQ(ParseWay("fw.example:7443", "").address, "");
  EXPECT_EQ(ParseWay("fw.example:7443", "ipv4:192.0.2.1:7443").address, Bytes("192.0.2.1"));
  EXPECT_EQ(ParseWay("[2001:db8::1]:7443", "").host, "2001:db8::1");
  EXPECT_EQ(ParseWay("[2001:db8::1]:7443", "").address.size(), 16u);
  EXPECT_EQ(ParseWay("fw:1", "ipv6:[2001:db8::1]:7443").address.size(), 16u);
  EXPECT_EQ(ParseWay("", "unix:/x").address, "");
  EXPECT_EQ(PortOf("fw.example:7443"), 7443);
  EXPECT_EQ(PortOf("[2001:db8::1]:1"), 1);
  for (const char* none : {"", "fw.example", "fw.example:", "fw:x", "fw:65536", "fw:-1"}) {
    EXPECT_EQ(PortOf(none), 0) << none;
  }
}

TEST(NameServersFor, ANameOfTheHostsFileNeedsNone) {
  const TemporaryDirectory directory;
  const std::string root = directory.path();
  const auto write = [&](const std::string& path, const char* text) {
    std::ofstream(root + path) << text;
  };
  for (const char* path : {"/etc", "/run", "/run/systemd", "/run/systemd/resolve"}) {
    mkdir((root + path).c_str(), 0700);
  }
  EXPECT_THAT(NameServersFor(root, "fw.example"), IsEmpty());
  write("/etc/hosts", "127.0.0.1 localhost # fw.example\n192.0.2.1\tother FW2.example\n");
  write("/etc/resolv.conf", "nameserver 127.0.0.53\n");
  EXPECT_THAT(NameServersFor(root, "fw.example"), ElementsAre("127.0.0.53"));
  write("/run/systemd/resolve/resolv.conf", "nameserver 192.0.2.53\nnameserver 192.0.2.54\n");
  EXPECT_THAT(NameServersFor(root, "fw.example"), ElementsAre("192.0.2.53", "192.0.2.54"));
  EXPECT_THAT(NameServersFor(root, "fw2.example"), IsEmpty());
  EXPECT_THAT(NameServersFor(root, "192.0.2.1"), IsEmpty());
}

}  // namespace
}  // namespace firebreak::agent
