// SPDX-License-Identifier: Apache-2.0
#include "policy/compile/unmatched.h"

// glibc's header must come before the kernel's, which then leave out what both define.
#include <netinet/in.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "policy/compile/chain_names.h"

namespace firebreak::policy {
namespace {

using ruleset::Bytes;
using ruleset::Field;
using ruleset::Rule;

constexpr uint16_t kDhcpServer = 67, kDhcpClient = 68;
constexpr uint16_t kDhcp6Server = 547, kDhcp6Client = 546;

constexpr char kAsked[] = "dhcp.asked";      // interfaces
constexpr char kServers[] = "dhcp.servers";  // addresses
// A client repeats its question after 64 s at the latest (RFC 2131, 4.1).
constexpr uint64_t kAskedMillis = 70'000;
constexpr uint32_t kMostAsked = 1024;
// A client talks to its server when half of the lease has passed; a week is a long lease. A client
// with a longer lease only has to broadcast.
constexpr uint64_t kServerMillis = 4 * 24 * 3600 * uint64_t{1000};
constexpr uint32_t kMostServers = 1024;

void AddMemory(TableBuilder& table) {
  table.AddSet(
      kAsked,
      {.key = {Field::kInterfaceIndex}, .dynamic = true, .updated = true, .capacity = kMostAsked});
  table.AddSet(
      kServers,
      {.key = {Field::kIpv4Address}, .dynamic = true, .updated = true, .capacity = kMostServers});
}

Match IsAnswer() { return IsFamily(NFPROTO_IPV4) + IsUdp(kDhcpServer, kDhcpClient); }
Match IsQuestion() { return IsFamily(NFPROTO_IPV4) + IsUdp(kDhcpClient, kDhcpServer); }
Match IsBroadcast() { return IsDestination(Bytes(4, '\xff')); }

// To a multicast group, from a neighbour on the link.
Match IsIgmp() {
  return IsTimeToLiveOne() + IsProtocol(IPPROTO_IGMP) + IsMulticastDestination(NFPROTO_IPV4);
}

}  // namespace

std::vector<Rule> RememberDhcpQuestions(TableBuilder& table) {
  AddMemory(table);
  return {
      MakeRule({IsQuestion(),
                {ruleset::Meta{NFT_META_OIF, 0}, ruleset::UpdateSet{kAsked, 0, kAskedMillis}}})};
}

std::vector<Rule> AdmitUnmatched(TableBuilder& table) {
  AddMemory(table);
  const Match remember =
      LoadRemote(kInbound, NFPROTO_IPV4, 0) + Match{ruleset::UpdateSet{kServers, 0, kServerMillis}};
  std::vector<Rule> rules;
  // A server that does not fit into the set is not remembered, but its answer is let in.
  for (const Match& to : {IsBroadcast(), IsInterfaceIn(kInbound, kAsked)}) {
    rules.push_back(MakeRule({IsAnswer(), to, remember}));
    rules.push_back(MakeRule({IsAnswer(), to}, Accept()));
  }
  // Servers answer a client at its link-local address, which packets from other networks cannot
  // reach. The server's own address need not be link-local.
  rules.push_back(
      MakeRule({IsDestinationLinkLocal(), IsUdp(kDhcp6Server, kDhcp6Client)}, Accept()));
  rules.push_back(MakeRule({IsIgmp()}, Accept()));
  return rules;
}

std::vector<Rule> LetOutUnmatched(TableBuilder& table) {
  AddMemory(table);
  const Bytes all_servers6 = Bytes("\xff\x02", 2) + Bytes(11, '\0') + Bytes("\x01\0\x02", 3);
  std::vector<Rule> rules;
  rules.push_back(MakeRule({IsQuestion(), IsBroadcast()}, Accept()));
  rules.push_back(MakeRule(
      {IsQuestion(), LoadRemote(kOutbound, NFPROTO_IPV4, 0), {ruleset::Lookup{kServers, 0}}},
      Accept()));
  rules.push_back(
      MakeRule({IsDestination(all_servers6), IsUdp(kDhcp6Client, kDhcp6Server)}, Accept()));
  rules.push_back(MakeRule({IsIgmp()}, Accept()));
  return rules;
}

ruleset::Verdict RefuseUnlessNeeded(const Direction& direction, const ruleset::Verdict& refuse,
                                    TableBuilder& table) {
  // The name contains everything that distinguishes the chain's contents.
  const std::string name = absl::StrCat(direction.name, kNeededInfix, refuse.chain);
  if (table.HasChain(name)) return GoTo(name);
  std::vector<Rule> rules =
      &direction == &kInbound ? AdmitUnmatched(table) : LetOutUnmatched(table);
  rules.push_back(MakeRule({}, refuse));
  table.AddChain(name, std::move(rules));
  return GoTo(name);
}

}  // namespace firebreak::policy
