// SPDX-License-Identifier: Apache-2.0
#include "policy/compile/related.h"

// glibc's header must come before the kernel's, which then leave out what both define.
#include <netinet/in.h>

#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "policy/compile/chain_names.h"
#include "policy/compile/icmp.h"

namespace firebreak::policy {
namespace {

using ruleset::Rule;

constexpr PortSpan kUnprivileged = {.first = IPPORT_RESERVED, .last = 65535};

bool Intersects(const v1::PortRange& a, const v1::PortRange& b) {
  return a.protocol() == b.protocol() && a.first() <= b.last() && b.first() <= a.last();
}

// Whether the profile lets other hosts reach a server here whose protocol a helper reads.
bool ServesReadProtocol(const Profile& profile) {
  return std::any_of(profile.inbound.begin(), profile.inbound.end(), [&](const v1::Mapping* one) {
    if (one->action() != v1::Traffic::allow) return false;
    return std::any_of(one->ports().begin(), one->ports().end(), [&](const v1::PortRange& ports) {
      return std::any_of(
          profile.helpers.begin(), profile.helpers.end(),
          [&](const v1::Helper* helper) { return Intersects(ports, helper->ports()); });
    });
  });
}

Rule Related(const Profile& profile, const PortSpan& tcp, TableBuilder& table) {
  const bool observe = profile.firewall == v1::Firewall::observe;
  const bool redirects = profile.icmp.contains(IcmpOption::kRedirect);
  // The name contains everything that distinguishes the chain's contents.
  const std::string name = ChainFor(
      absl::StrCat(kRelatedChain, redirects ? ".redirect" : "", ".", tcp.first, "-", tcp.last),
      observe);
  std::vector<Rule> rules = RelatedIcmpInbound(profile.icmp, observe, table);
  rules.push_back(MakeRule({IsPortBetween(IPPROTO_TCP, tcp.first, tcp.last)}, Accept()));
  // UDP media streams and a server's answers go to the program that asked for them, which may have
  // chosen any unprivileged port.
  rules.push_back(
      MakeRule({IsPortBetween(IPPROTO_UDP, kUnprivileged.first, kUnprivileged.last)}, Accept()));
  rules.push_back(MakeRule({IsProtocol(IPPROTO_GRE)}, Accept()));
  table.AddChain(name, std::move(rules));
  return MakeRule({IsState(NF_CT_STATE_BIT(IP_CT_RELATED))}, {.code = NFT_JUMP, .chain = name});
}

}  // namespace

Rule RelatedInbound(const Profile& profile, const PortSpan& client_ports, TableBuilder& table) {
  return Related(profile, ServesReadProtocol(profile) ? kUnprivileged : client_ports, table);
}

Rule RelatedForPrivate(const Profile& profile, TableBuilder& table) {
  return Related(profile, kUnprivileged, table);
}

}  // namespace firebreak::policy
