// SPDX-License-Identifier: Apache-2.0
#include "policy/compile/spoofing.h"

// glibc's header must come before the kernel's, which then leave out what both define.
#include <netinet/in.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/rtnetlink.h>

#include <string>
#include <utility>

#include "policy/compile/chain_names.h"

namespace firebreak::policy {
namespace {

using ruleset::Bytes;
using ruleset::Rule;
using ruleset::Verdict;

constexpr uint16_t kDhcpServer = 67, kDhcpClient = 68;  // RFC 2131

const Verdict kReturn = {.code = NFT_RETURN};

// These add rules that let packets return which a host sends before it has an address: DHCP and
// IGMP in IPv4, MLD and neighbour discovery in IPv6.
void ReturnWithoutAddress4(std::vector<Rule>& rules) {
  const Match none = IsSourceUnspecified(NFPROTO_IPV4);
  rules.push_back(MakeRule({none, IsUdp(kDhcpClient, kDhcpServer)}, kReturn));
  rules.push_back(MakeRule({none, IsProtocol(IPPROTO_IGMP)}, kReturn));
}
void ReturnWithoutAddress6(std::vector<Rule>& rules) {
  rules.push_back(
      MakeRule({IsSourceUnspecified(NFPROTO_IPV6), IsProtocol(IPPROTO_ICMPV6)}, kReturn));
}

Rule Jump(const std::string& chain) { return MakeRule({}, {.code = NFT_JUMP, .chain = chain}); }

// Handles a source that is this host's own address or that of a whole network. The host hears its
// own multicasts and broadcasts on the interface by which they left.
Verdict ToOwnSource(bool observe, const Verdict& refuse, TableBuilder& table) {
  const std::string name = ChainFor("source-own", observe);
  table.AddChain(
      name, {
                MakeRule({IsMulticastDestination(NFPROTO_IPV4)}, kReturn),
                MakeRule({IsMulticastDestination(NFPROTO_IPV6)}, kReturn),
                MakeRule({IsFamily(NFPROTO_IPV4), IsAddressType(NFTA_FIB_F_DADDR, RTN_BROADCAST)},
                         kReturn),
                MakeRule({}, refuse),
            });
  return GoTo(name);
}

Verdict ToOddSource4(bool observe, const Verdict& refuse, TableBuilder& table) {
  const std::string name = ChainFor("source-odd", observe);
  std::vector<Rule> rules;
  ReturnWithoutAddress4(rules);
  rules.push_back(MakeRule({}, refuse));
  table.AddChain(name, std::move(rules));
  return GoTo(name);
}

Verdict ToSource6(bool observe, const Verdict& refuse, const Rule& own, TableBuilder& table) {
  const std::string name = ChainFor("source-in6", observe);
  std::vector<Rule> rules;
  ReturnWithoutAddress6(rules);
  rules.push_back(MakeRule({SourceBegins(NFPROTO_IPV6, "\xff", "\xff")}, refuse));
  // The first rule covers ::, ::1 and the deprecated IPv4-compatible addresses; the second covers
  // IPv4-mapped addresses.
  const Bytes whole(12, '\xff');
  rules.push_back(MakeRule({SourceBegins(NFPROTO_IPV6, Bytes(12, 0), whole)}, refuse));
  rules.push_back(MakeRule({SourceBegins(NFPROTO_IPV6, Bytes(10, 0) + "\xff\xff", whole)}, refuse));
  rules.push_back(own);
  table.AddChain(name, std::move(rules));
  return GoTo(name);
}

// Handles IPv4 sources that the routing table does not call unicast: multicast, or this host's own.
Verdict ToNoUnicast4(bool observe, const Verdict& odd, const Rule& own, TableBuilder& table) {
  const std::string name = ChainFor("source-in4", observe);
  table.AddChain(name, {MakeRule({SourceBegins4(0xe0, 0xf0)}, odd), own});
  return GoTo(name);
}

}  // namespace

// Every new flow passes this chain, so the common packets must need few steps: the family, the
// first byte of the address, and one lookup in the routing table. The routing table does not know
// all of 0.0.0.0/8, nor 127.0.0.0/8 while loopback is down.
Rule CheckSourceInbound(bool observe, TableBuilder& table) {
  const std::string name = ChainFor("source-in", observe);
  if (table.HasChain(name)) return Jump(name);
  const Verdict refuse = table.Refuse("spoofed", observe);
  table.AddSet("source.own", {.key = {ruleset::Field::kAddressType},
                              .elements = {ruleset::Element(KeyAddressType(RTN_LOCAL)),
                                           ruleset::Element(KeyAddressType(RTN_BROADCAST))}});
  const Rule own = MakeRule({AddressTypeIn(NFTA_FIB_F_SADDR, "source.own")},
                            ToOwnSource(observe, refuse, table));
  const Verdict odd = ToOddSource4(observe, refuse, table);
  const Verdict source6 = ToSource6(observe, refuse, own, table);
  table.AddChain(name, {
                           MakeRule({IsFamily(NFPROTO_IPV6)}, source6),
                           MakeRule({SourceBegins4(0, 0xff)}, odd),
                           MakeRule({SourceBegins4(127, 0xff)}, odd),
                           MakeRule({IsNotAddressType(NFTA_FIB_F_SADDR, RTN_UNICAST)},
                                    ToNoUnicast4(observe, odd, own, table)),
                       });
  return Jump(name);
}

Rule CheckSourceOutbound(bool observe, bool knows_flows, TableBuilder& table) {
  const std::string name = ChainFor("source-out", observe);
  if (table.HasChain(name)) return Jump(name);
  const Verdict refuse = table.Refuse("spoofed", observe);
  const std::string loopback = ChainFor("source-loopback", observe);
  std::vector<Rule> sent_on;
  if (knows_flows) sent_on.push_back(MakeRule({HasStatus(IPS_DST_NAT)}, kReturn));
  sent_on.push_back(MakeRule({}, refuse));
  table.AddChain(loopback, std::move(sent_on));
  std::vector<Rule> rules;
  rules.push_back(MakeRule({IsSourceLoopback(NFPROTO_IPV4)}, GoTo(loopback)));
  rules.push_back(MakeRule({IsSourceLoopback(NFPROTO_IPV6)}, GoTo(loopback)));
  rules.push_back(MakeRule({IsAddressType(NFTA_FIB_F_SADDR, RTN_LOCAL)}, kReturn));
  ReturnWithoutAddress4(rules);
  ReturnWithoutAddress6(rules);
  rules.push_back(MakeRule({}, refuse));
  table.AddChain(name, std::move(rules));
  return Jump(name);
}

Match HasForeignSource() { return IsNotAddressType(NFTA_FIB_F_SADDR, RTN_LOCAL); }

Match HasOwnIpv6Source() {
  return IsFamily(NFPROTO_IPV6) + IsNoMulticastDestination(NFPROTO_IPV6) +
         IsAddressType(NFTA_FIB_F_SADDR, RTN_LOCAL);
}

}  // namespace firebreak::policy
