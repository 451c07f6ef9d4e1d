// SPDX-License-Identifier: Apache-2.0
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <netinet/in.h>

#include <map>
#include <string>

#include "agent/answer/demanded_settings.h"
#include "agent/answer/flows.h"
#include "agent/answer/interfaces.h"
#include "agent/answer/mappings.h"
#include "agent/answer/settings.h"
#include "agent/answer/sockets.h"

namespace firebreak::agent {
namespace {

constexpr char kHere[] = "\xc0\x00\x02\x01";   // 192.0.2.1
constexpr char kThere[] = "\xc6\x33\x64\x09";  // 198.51.100.9

// Returns a host whose eth0 has a firewall that opens SSH and games, and whose wlan0 has none.
// Nothing opens the other ports.
Snapshot Host() {
  Snapshot host;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"pb(
        managed: true
        locations {
          name: "elsewhere"
          layers {
            settings {
              firewall: on
              firewall_policy: "base"
              inbound {
                items {
                  name: "ssh"
                  policy: "base"
                  action: allow
                  ports { protocol: 6 first: 22 last: 22 }
                  remote { address: "\012\000\000\000" length: 8 }
                }
                items {
                  name: "games"
                  policy: "fun"
                  action: allow
                  ports { protocol: 17 first: 27000 last: 27050 }
                }
                items {
                  name: "desk"
                  policy: "fun"
                  action: allow
                  ports { protocol: 6 first: 3389 last: 3389 }
                  forward { address: "\300\250\000\005" port: 3390 }
                }
              }
              icmp { items: "echo-request" }
              icmp_policy: "base"
            }
            interfaces {
              match { names: "wlan0" }
              settings { firewall: off firewall_policy: "lax" }
            }
          }
        }
        locations { name: "corp" }
      )pb",
      &host.policy));
  host.links = {{.name = "lo", .index = 1, .type = "loopback", .up = true},
                {.name = "eth0",
                 .index = 2,
                 .type = "ethernet",
                 .up = true,
                 .addresses = {"192.0.2.1/24", "2001:db8::1/64"}},
                {.name = "wlan0", .index = 3, .type = "wireless", .addresses = {"10.9.0.1/16"}}};
  for (const char* name : {"eth0", "wlan0"}) {
    v1::InterfaceState& state = host.states.emplace_back();
    state.set_name(name);
    state.set_location("elsewhere");
  }
  return host;
}

TEST(DescribeMappings, TellsWhatHoldsWhereAndWhoSaysSo) {
  const auto mappings = DescribeMappings(Host(), /*everywhere=*/false);
  std::map<std::string, const v1::HostMapping*> on_eth0;
  for (const v1::HostMapping& mapping : mappings) {
    EXPECT_EQ(mapping.location(), "elsewhere");
    ASSERT_EQ(mapping.interfaces_size(), 1);
    if (mapping.interfaces(0) == "eth0") on_eth0[mapping.name()] = &mapping;
    EXPECT_EQ(mapping.firewall(), mapping.interfaces(0) == "eth0" ? "on" : "off");
  }
  EXPECT_EQ(mappings.size(), 2 * 4u);
  ASSERT_EQ(on_eth0.size(), 4u);
  EXPECT_EQ(on_eth0["ssh"]->ports(0), "tcp/22");
  EXPECT_EQ(on_eth0["ssh"]->remote(0), "10.0.0.0/8");
  EXPECT_EQ(on_eth0["ssh"]->policy(), "base");
  EXPECT_EQ(on_eth0["games"]->ports(0), "udp/27000-27050");
  EXPECT_EQ(on_eth0["games"]->policy(), "fun");
  EXPECT_EQ(on_eth0["desk"]->forward_to(), "192.168.0.5:3390");
  EXPECT_EQ(on_eth0["echo-request"]->ports(0), "icmp");
  EXPECT_EQ(on_eth0["echo-request"]->policy(), "base");
}

TEST(DescribeMappings, AnUnmanagedHostHasNone) {
  Snapshot host = Host();
  host.policy.set_managed(false);
  EXPECT_TRUE(DescribeMappings(host, true).empty());
}

TEST(DescribeInterfaces, TellsWhatTheHostHas) {
  v1::NetworkFacts office;
  office.add_gateways()->set_address("192.0.2.254");
  const v1::InterfacesAnswer answer =
      DescribeInterfaces(Host(), {{Host().links.at(1).index, office}});
  ASSERT_EQ(answer.interfaces_size(), 3);
  EXPECT_FALSE(answer.interfaces(0).has_state());
  EXPECT_EQ(answer.interfaces(1).interface().addresses(1), "2001:db8::1/64");
  EXPECT_EQ(answer.interfaces(1).state().location(), "elsewhere");
  EXPECT_EQ(answer.interfaces(1).network().gateways(0).address(), "192.0.2.254");
  EXPECT_FALSE(answer.interfaces(2).has_network());
}

ListeningSocket Tcp(uint16_t port, std::string address = std::string(4, '\0')) {
  return {.protocol = IPPROTO_TCP, .address = std::move(address), .port = port, .inode = port};
}

std::map<uint32_t, v1::HostSocket> ByPort(const std::vector<ListeningSocket>& sockets,
                                          const Snapshot& host) {
  std::map<uint32_t, v1::HostSocket> by_port;
  for (const auto& socket : JudgeSockets(host, sockets, {}, /*loopback=*/true)) {
    by_port[socket.port()] = socket;
  }
  return by_port;
}

TEST(JudgeSockets, ByWhatIsOpen) {
  Snapshot host = Host();
  host.links.pop_back();  // removes the interface without a firewall
  const auto judged = ByPort(
      {Tcp(22), Tcp(80), Tcp(81, std::string("\x7f\0\0\x01", 4)), Tcp(82, std::string(kHere, 4))},
      host);
  EXPECT_EQ(judged.at(22).judgement(), "open");
  EXPECT_EQ(judged.at(22).mapping(), "ssh");
  EXPECT_EQ(judged.at(22).policy(), "base");
  EXPECT_EQ(judged.at(22).interfaces(0), "eth0");
  EXPECT_EQ(judged.at(80).judgement(), "closed");
  EXPECT_EQ(judged.at(81).judgement(), "local");
  EXPECT_EQ(judged.at(82).judgement(), "closed");
  EXPECT_EQ(judged.at(82).address(), "192.0.2.1");
  EXPECT_EQ(judged.at(27000).judgement(), "idle");
  EXPECT_EQ(judged.at(27000).mapping(), "games");
  // Port 3389 is forwarded to another host, so this host need not listen.
  EXPECT_FALSE(judged.contains(3389));
}

TEST(JudgeSockets, ExposedWhereThereIsNoFirewall) {
  const auto judged = ByPort({Tcp(22), Tcp(80), Tcp(82, std::string(kHere, 4))}, Host());
  EXPECT_EQ(judged.at(80).judgement(), "exposed");
  EXPECT_EQ(judged.at(80).interfaces(0), "wlan0");
  EXPECT_EQ(judged.at(22).judgement(), "open");
  // The address of this socket is not on the interface without a firewall.
  EXPECT_EQ(judged.at(82).judgement(), "closed");
}

TEST(JudgeSockets, EverythingIsExposedOnAnUnmanagedHost) {
  Snapshot host = Host();
  host.policy.set_managed(false);
  EXPECT_EQ(ByPort({Tcp(22)}, host).at(22).judgement(), "exposed");
}

Flow TcpFlow() {
  Flow flow;
  flow.protocol = IPPROTO_TCP;
  flow.original = {.source = std::string(kThere, 4),
                   .destination = std::string(kHere, 4),
                   .source_port = 40000,
                   .destination_port = 22};
  flow.reply = {.source = flow.original.destination,
                .destination = flow.original.source,
                .source_port = 22,
                .destination_port = 40000};
  flow.tcp_state = 3;
  flow.status = IPS_SEEN_REPLY | IPS_ASSURED;
  return flow;
}

bool Wanted(const char* question_text, const Flow& flow) {
  v1::FlowsQuestion question;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(question_text, &question));
  const auto filter = FlowFilter::Make(question, Host());
  EXPECT_TRUE(filter.ok()) << filter.status();
  return filter->Describe(flow).has_value();
}

TEST(Flows, AreFilteredByEachField) {
  const Flow flow = TcpFlow();
  for (const char* wanted :
       {"", "protocol: 6", "address: '192.0.2.1'", "address: '198.51.0.0/16'", "port: 22",
        "port: 40000", "interface: 'eth0'", "state: 'established'"}) {
    EXPECT_TRUE(Wanted(wanted, flow)) << wanted;
  }
  for (const char* unwanted :
       {"protocol: 17", "address: '192.0.2.2'", "address: '198.52.0.0/16'",
        "address: '2001:db8::/32'", "port: 23", "interface: 'wlan0'", "state: 'time_wait'"}) {
    EXPECT_FALSE(Wanted(unwanted, flow)) << unwanted;
  }
}

TEST(Flows, ABadQuestionIsRefused) {
  v1::FlowsQuestion question;
  question.set_address("here");
  EXPECT_TRUE(absl::IsInvalidArgument(FlowFilter::Make(question, Host()).status()));
  question.Clear();
  question.set_interface("eth7");
  EXPECT_TRUE(absl::IsInvalidArgument(FlowFilter::Make(question, Host()).status()));
}

TEST(Flows, TellWhereTheyGo) {
  const auto filter = FlowFilter::Make({}, Host());
  ASSERT_TRUE(filter.ok());
  Flow flow = TcpFlow();
  EXPECT_EQ(filter->Describe(flow)->direction(), "in");
  EXPECT_EQ(filter->Describe(flow)->interface(), "eth0");
  EXPECT_EQ(filter->Describe(flow)->reply_source(), "");
  std::swap(flow.original, flow.reply);
  EXPECT_EQ(filter->Describe(flow)->direction(), "out");
  flow = TcpFlow();
  flow.reply.source = "\xc0\xa8\x01\x05";
  flow.reply.source_port = 2222;
  EXPECT_EQ(filter->Describe(flow)->direction(), "forwarded");
  EXPECT_EQ(filter->Describe(flow)->reply_source(), "192.168.1.5");
  EXPECT_EQ(filter->Describe(flow)->reply_source_port(), 2222u);
}

TEST(DescribeSettings, JudgesWhatHolds) {
  std::map<std::string, std::string> kernel = {
      {"net/ipv4/tcp_syncookies", "1"},
      {"net/netfilter/nf_conntrack_max", "262144"},
      {"net/ipv4/conf/all/rp_filter", "2"},
      {"net/ipv4/conf/eth0.7/rp_filter", "0"},
      {"net/ipv4/conf/all/accept_source_route", "0"},
      {"net/ipv4/conf/eth0.7/accept_source_route", "1"},
      {"net/ipv4/conf/all/accept_redirects", "0"},
      {"net/ipv4/conf/eth0.7/accept_redirects", "1"},
  };
  std::map<std::string, v1::HostSetting> by_name;
  for (const auto& setting : DescribeSettings(
           {"eth0.7"}, {}, [&](const std::string& name) -> absl::StatusOr<std::string> {
             const auto found = kernel.find(name);
             if (found == kernel.end()) return absl::NotFoundError(name);
             return found->second;
           })) {
    EXPECT_NE(setting.why(), "");
    by_name[setting.name()] = setting;
  }
  EXPECT_TRUE(by_name["net.ipv4.tcp_syncookies"].good());
  EXPECT_TRUE(by_name["net.netfilter.nf_conntrack_max"].good());
  EXPECT_TRUE(by_name["net.ipv4.conf.eth0/7.rp_filter"].good());
  EXPECT_EQ(by_name["net.ipv4.conf.eth0/7.rp_filter"].found(), "0, with all 2");
  EXPECT_TRUE(by_name["net.ipv4.conf.eth0/7.accept_source_route"].good());
  EXPECT_FALSE(by_name["net.ipv4.conf.eth0/7.accept_redirects"].good());
  EXPECT_FALSE(by_name["net.ipv4.tcp_rfc1337"].good());  // the kernel does not have this setting
  EXPECT_EQ(by_name["net.ipv4.tcp_rfc1337"].found(), "");
}

TEST(DescribeSettings, WhatAPolicyDemandsIsRecommended) {
  v1::EffectivePolicy policy;
  v1::EffectiveLocation& location = *policy.add_locations();
  location.mutable_host()->mutable_sharing()->add_public_("eth0");
  location.mutable_host()->set_sharing_policy("router");
  v1::Mapping& mapping = *location.add_layers()->mutable_settings()->mutable_inbound()->add_items();
  mapping.set_name("web");
  mapping.set_policy("servers");
  mapping.set_proxy_handshake(true);
  mapping.mutable_forward()->set_address(std::string("\xc0\xa8\x01\x05", 4));
  std::map<std::string, v1::HostSetting> by_name;
  for (const auto& setting :
       DescribeSettings({}, DemandedSettings(policy), [](const std::string&) { return "1"; })) {
    by_name[setting.name()] = setting;
  }
  for (const char* name : {"net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"}) {
    EXPECT_EQ(by_name[name].recommended(), "1");
    EXPECT_TRUE(by_name[name].good());
    EXPECT_EQ(by_name[name].policy(), "router");
  }
  EXPECT_EQ(by_name["net.ipv4.tcp_syncookies"].policy(), "servers");
  EXPECT_EQ(by_name["net.netfilter.nf_conntrack_tcp_loose"].policy(), "");
  EXPECT_FALSE(by_name["net.netfilter.nf_conntrack_tcp_loose"].good());
}

TEST(UnitOfCgroup, IsTheInnermost) {
  EXPECT_EQ(UnitOfCgroup("0::/system.slice/ssh.service"), "ssh.service");
  EXPECT_EQ(UnitOfCgroup("0::/user.slice/user-0.slice/session-1.scope"), "session-1.scope");
  EXPECT_EQ(UnitOfCgroup("0::/"), "");
}

}  // namespace
}  // namespace firebreak::agent
