// SPDX-License-Identifier: Apache-2.0
#include "policy/compile/handshake.h"

// glibc's header must come before the kernel's, which then leave out what both define.
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_synproxy.h>

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include "policy/compile/decided_before.h"
#include "policy/compile/flatten.h"
#include "policy/compile/mappings.h"
#include "policy/compile/piece_sets.h"
#include "policy/compile/spoofing.h"

namespace firebreak::policy {
namespace {

using ruleset::Rule;

constexpr char kChain[] = "handshake";
constexpr uint8_t kFamilies[] = {NFPROTO_IPV4, NFPROTO_IPV6};

// Returns the TCP options that the proxy offers, which are those that the host itself would offer
// over Ethernet. A client reads the service's windows by the scale that the proxy has offered. With
// a smaller scale than the service's, the client takes all windows for too small; with a larger
// one, it sends more than the service has room for.
//
// During a flood only the segment size is offered. The flood from before the proxy still fills the
// service's backlog, so the service answers the proxy with SYN cookies, which keep options in the
// timestamp. The proxy's acknowledgement does not return a correct timestamp (MendProxied), so the
// service would have no options while the client has them, and each would misread the other's
// windows.
ruleset::Synproxy Offer(const TableBuilder& table) {
  constexpr uint16_t kEthernet = 1460;
  if (table.proxies_all())
    return {.mss = kEthernet, .window_scale = 0, .flags = NF_SYNPROXY_OPT_MSS};
  return {.mss = kEthernet,
          .window_scale = table.window_scale(),
          .flags = NF_SYNPROXY_OPT_MSS | NF_SYNPROXY_OPT_WSCALE | NF_SYNPROXY_OPT_SACK_PERM |
                   NF_SYNPROXY_OPT_TIMESTAMP};
}

// Whether the proxy handles a mapping's ports. With `all` it handles every mapping that lets TCP
// in, except those that forward to another host or port, where this host has no service for the
// proxy to connect to.
bool IsProxied(const v1::Mapping& mapping, bool all) {
  return mapping.proxy_handshake() ||
         (all && mapping.action() == v1::Traffic::allow && !mapping.has_forward() &&
          std::any_of(mapping.ports().begin(), mapping.ports().end(),
                      [](const auto& range) { return range.protocol() == IPPROTO_TCP; }));
}

bool WantsProxy(const Profile& profile, bool all) {
  return profile.firewall != v1::Firewall::off &&
         std::any_of(profile.inbound.begin(), profile.inbound.end(),
                     [&](const v1::Mapping* mapping) { return IsProxied(*mapping, all); });
}

// Adds the set of a part's proxied ports and sources. Returns its name, or an empty text if nothing
// is proxied.
std::string ProxiedSet(const Part& part, const ObjectName& scope, uint8_t family,
                       TableBuilder& table) {
  const std::string name = (scope / (family == NFPROTO_IPV4 ? "proxied4" : "proxied6")).Text();
  std::vector<ruleset::Element> elements;
  // Only IPv4 is proxied for all mappings. Where the device does not check checksums, the kernel's
  // proxy refuses every IPv6 segment, and SYN cookies work without the proxy.
  const bool all = table.proxies_all() && family == NFPROTO_IPV4;
  const auto proxied = [&](const v1::Mapping& mapping) { return IsProxied(mapping, all); };
  for (const Piece& piece : FlattenWanted(part.plain, proxied, table.allowance())) {
    if (piece.protocol != IPPROTO_TCP || !Covers(piece, family)) continue;
    const v1::Mapping& mapping = *part.plain[piece.mapping];
    if (!table.allowance().Take(Allowance::Kind::kBoxes, 1, mapping)) break;
    elements.emplace_back(PieceInterval(piece, family));
  }
  if (elements.empty()) return "";
  table.AddSet(name, {.key = PieceKey(family), .interval = true, .elements = std::move(elements)});
  return name;
}

// Returns the names of interfaces whose device does not check checksums.
std::vector<ruleset::Element> Unchecked(std::span<const Interface> interfaces) {
  std::vector<ruleset::Element> names;
  for (const Interface& interface : interfaces) {
    if (!interface.checks_sums) names.emplace_back(KeyInterfaceName(interface.name));
  }
  return names;
}

// Returns rules that keep SYNs to proxied ports untracked, in the order of the list.
std::vector<Rule> Untrack(const Profile& profile, const ObjectName& scope, TableBuilder& table) {
  std::vector<Rule> rules;
  if (!WantsProxy(profile, table.proxies_all())) return rules;
  const auto proxied = [&](const v1::Mapping& mapping) {
    return IsProxied(mapping, table.proxies_all());
  };
  const std::vector<Part>& parts = table.PartsFor(scope, profile.inbound);
  const WantedMappings all_proxied(parts, proxied);
  for (size_t i = 0; i < parts.size(); ++i) {
    const ObjectName here = PartName(scope, i);
    for (const uint8_t family : kFamilies) {
      const std::string set = ProxiedSet(parts[i], here, family, table);
      if (set.empty()) continue;
      rules.push_back(
          MakeRule({PortAndSource(family), {ruleset::Lookup{set, 0}}, {ruleset::Notrack()}}));
    }
    const std::span<const v1::Mapping* const> later = all_proxied.Behind(i);
    Append(rules, PassDecided(parts[i].plain, later, proxied, here, table));
    if (parts[i].rich != nullptr) {
      Append(rules, PassDecidedBy(*parts[i].rich, later, scope, table));
    }
  }
  return rules;
}

bool AnyProxy(const Subject& subject, const TableBuilder& table) {
  return AnyProfile(
      subject, [&](const Profile& profile) { return WantsProxy(profile, table.proxies_all()); });
}

}  // namespace

std::vector<Rule> UntrackProxied(const Subject& subject, TableBuilder& table) {
  if (!AnyProxy(subject, table)) return {};
  // The proxy's own connection to the service passes through the loopback interface.
  std::vector<Rule> rules = {MakeRule({IsLoopback(kInbound)}, Accept())};
  if (std::vector<ruleset::Element> unchecked = Unchecked(subject.interfaces); !unchecked.empty()) {
    const std::string set = (ObjectName("handshake") / "unchecked").Text();
    table.AddSet(set, {.key = {ruleset::Field::kInterfaceName}, .elements = std::move(unchecked)});
    rules.push_back(MakeRule(
        {IsFamily(NFPROTO_IPV6), IsInterfaceNamed(kInbound.interface_name, set)}, Accept()));
  }
  std::vector<Rule> untrack = Dispatch(
      subject, kChain, kInbound,
      [&](const Profile& profile, const ObjectName& scope) {
        std::vector<Rule> chain = Untrack(profile, scope, table);
        chain.push_back(MakeRule({}, Accept()));
        return chain;
      },
      table);
  std::move(untrack.begin(), untrack.end(), std::back_inserter(rules));
  table.AddChain(kChain, std::move(rules));
  return {MakeRule({IsLoneSyn()}, GoTo(kChain))};
}

// These rules need not respect mappings in front of the proxied one. Packets that such a mapping
// decides about were tracked, so they are neither invalid nor untracked, and their senders never
// got a SYN cookie.
std::vector<Rule> AnswerProxied(const Profile& profile, const ObjectName& scope,
                                TableBuilder& table) {
  std::vector<Rule> rules;
  if (!WantsProxy(profile, table.proxies_all())) return rules;
  const std::vector<Part>& parts = table.PartsFor(scope, profile.inbound);
  for (size_t i = 0; i < parts.size(); ++i) {
    for (const uint8_t family : kFamilies) {
      const std::string set = ProxiedSet(parts[i], PartName(scope, i), family, table);
      if (set.empty()) continue;
      rules.push_back(MakeRule({IsProtocol(IPPROTO_TCP),
                                IsState(NF_CT_STATE_INVALID_BIT | NF_CT_STATE_UNTRACKED_BIT),
                                PortAndSource(family),
                                {ruleset::Lookup{set, 0}},
                                {Offer(table)}}));
    }
  }
  return rules;
}

// Normally only the proxy sends packets with clients' addresses through loopback. If another
// program does so (IP_TRANSPARENT), it only loses the timestamps of what it sends.
std::vector<Rule> MendProxied(const Subject& subject, const TableBuilder& table) {
  if (!AnyProxy(subject, table)) return {};
  return {MakeRule({IsLoopback(kOutbound),
                    IsLoneAck(),
                    HasForeignSource(),
                    {ruleset::TcpOptionStrip{TCPOPT_TIMESTAMP}}})};
}

}  // namespace firebreak::policy
