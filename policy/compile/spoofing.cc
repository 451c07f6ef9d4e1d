#include "policy/compile/spoofing.h"

// glibc's header before the kernel's, which then leave out what both define.
#include <netinet/in.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/rtnetlink.h>

#include <string>

namespace firebreak::policy {
namespace {

using ruleset::Bytes;
using ruleset::Rule;
using ruleset::Verdict;

constexpr uint16_t kDhcpServer = 67, kDhcpClient = 68;  // RFC 2131

const Verdict kReturn = {.code = NFT_RETURN};

// What a host sends before it has an address: DHCP, IGMP; MLD and neighbour discovery.
void ReturnWithoutAddress(std::vector<Rule>& rules) {
  const Match none4 = IsSourceUnspecified(NFPROTO_IPV4), none6 = IsSourceUnspecified(NFPROTO_IPV6);
  rules.push_back(MakeRule({none4, IsUdp(kDhcpClient, kDhcpServer)}, kReturn));
  rules.push_back(MakeRule({none4, IsProtocol(IPPROTO_IGMP)}, kReturn));
  rules.push_back(MakeRule({none6, IsProtocol(IPPROTO_ICMPV6)}, kReturn));
}

Rule Jump(const std::string& chain) { return MakeRule({}, {.code = NFT_JUMP, .chain = chain}); }

}  // namespace

Rule CheckSourceInbound(bool observe, TableBuilder& table) {
  const std::string name = observe ? "observe.source-in" : "source-in";
  if (table.HasChain(name)) return Jump(name);
  const Verdict refuse = table.Refuse("spoofed", observe);
  std::vector<Rule>& rules = table.AddChain(name).rules;
  ReturnWithoutAddress(rules);
  rules.push_back(MakeRule({SourceBegins(NFPROTO_IPV4, Bytes(1, 0), Bytes(1, '\xff'))}, refuse));
  rules.push_back(MakeRule({SourceBegins(NFPROTO_IPV4, Bytes(1, 127), Bytes(1, '\xff'))}, refuse));
  rules.push_back(MakeRule({SourceBegins(NFPROTO_IPV4, "\xe0", "\xe0")}, refuse));
  rules.push_back(MakeRule({SourceBegins(NFPROTO_IPV6, "\xff", "\xff")}, refuse));
  // ::, ::1 and the deprecated IPv4-compatible ones; IPv4-mapped ones.
  const Bytes whole(12, '\xff');
  rules.push_back(MakeRule({SourceBegins(NFPROTO_IPV6, Bytes(12, 0), whole)}, refuse));
  rules.push_back(MakeRule({SourceBegins(NFPROTO_IPV6, Bytes(10, 0) + "\xff\xff", whole)}, refuse));
  // The host hears its own multicasts on the interface that they went out by.
  rules.push_back(MakeRule({IsMulticastDestination(NFPROTO_IPV4)}, kReturn));
  rules.push_back(MakeRule({IsMulticastDestination(NFPROTO_IPV6)}, kReturn));
  rules.push_back(MakeRule({IsAddressType(NFTA_FIB_F_SADDR, RTN_LOCAL)}, refuse));
  rules.push_back(
      MakeRule({IsFamily(NFPROTO_IPV4), IsAddressType(NFTA_FIB_F_SADDR, RTN_BROADCAST)}, refuse));
  return Jump(name);
}

Rule CheckSourceOutbound(bool observe, TableBuilder& table) {
  const std::string name = observe ? "observe.source-out" : "source-out";
  if (table.HasChain(name)) return Jump(name);
  const Verdict refuse = table.Refuse("spoofed", observe);
  std::vector<Rule>& rules = table.AddChain(name).rules;
  rules.push_back(MakeRule({IsAddressType(NFTA_FIB_F_SADDR, RTN_LOCAL)}, kReturn));
  ReturnWithoutAddress(rules);
  rules.push_back(MakeRule({}, refuse));
  return Jump(name);
}

Match HasForeignSource() { return IsNotAddressType(NFTA_FIB_F_SADDR, RTN_LOCAL); }

Match HasOwnIpv6Source() {
  return IsFamily(NFPROTO_IPV6) + IsNoMulticastDestination(NFPROTO_IPV6) +
         IsAddressType(NFTA_FIB_F_SADDR, RTN_LOCAL);
}

}  // namespace firebreak::policy
