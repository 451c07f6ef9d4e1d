// SPDX-License-Identifier: Apache-2.0
#include "policy/compile/forwards.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter_ipv4.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <compare>
#include <iterator>
#include <map>
#include <set>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "policy/compile/decided_before.h"
#include "policy/compile/flatten.h"
#include "policy/compile/mapping_verdict.h"
#include "policy/compile/mappings.h"
#include "policy/compile/piece_sets.h"
#include "policy/compile/rule_match.h"
#include "policy/compile/sharing.h"
#include "policy/resources/protocols.h"

namespace firebreak::policy {
namespace {

using ruleset::Bytes;
using ruleset::Field;
using ruleset::Register;
using ruleset::Rule;

constexpr char kChain[] = "to";
constexpr Register kData = 8;  // behind the widest key, which takes six registers

// The part of the destination that changes. Each kind needs its own map, because all data of a map
// have one type.
enum class What { kAddressAndPort, kAddress, kPort };

What WhatChanges(const v1::Forward& forward) {
  if (forward.address().empty()) return What::kPort;
  return forward.port() == 0 ? What::kAddress : What::kAddressAndPort;
}

const char* Suffix(What what) {
  switch (what) {
    case What::kAddressAndPort: return "";
    case What::kAddress: return ".address";
    case What::kPort: return ".port";
  }
  return "";
}

std::vector<Field> DataOf(What what, uint8_t family) {
  const Field address = family == NFPROTO_IPV4 ? Field::kIpv4Address : Field::kIpv6Address;
  switch (what) {
    case What::kAddressAndPort: return {address, Field::kPort};
    case What::kAddress: return {address};
    case What::kPort: return {Field::kPort};
  }
  return {};
}

Bytes DataFor(What what, const v1::Forward& forward) {
  const Bytes port = KeyField(static_cast<uint16_t>(forward.port()));
  switch (what) {
    case What::kAddressAndPort: return forward.address() + port;
    case What::kAddress: return forward.address();
    case What::kPort: return port.substr(0, 2);
  }
  return {};
}

ruleset::Expression Change(What what, uint8_t family) {
  if (what == What::kPort) return ruleset::Redirect{kData};
  ruleset::Nat nat = {.type = NFT_NAT_DNAT, .family = family, .address = kData};
  if (what == What::kAddressAndPort) {
    nat.port = static_cast<Register>(kData + (family == NFPROTO_IPV4 ? 1 : 4));
  }
  return nat;
}

bool IsSentOn(const v1::Mapping& mapping) {
  return mapping.has_forward() && mapping.action() == v1::Traffic::allow;
}

struct ForwardMap {
  std::vector<ruleset::Element> elements;
  std::set<uint8_t> protocols;
};

// What distinguishes maps: the family, the data, and whether the key has ports.
struct Kind {
  uint8_t family;
  What what;
  bool ports;
  friend auto operator<=>(const Kind&, const Kind&) = default;
};

std::string MapName(const ObjectName& scope, const Kind& kind) {
  return (scope / absl::StrCat("to", kind.family == NFPROTO_IPV4 ? "4" : "6",
                               kind.ports ? Suffix(kind.what) : ".host"))
      .Text();
}

}  // namespace

bool HasForwards(const Profile& profile) {
  return profile.firewall != v1::Firewall::off &&
         std::any_of(profile.inbound.begin(), profile.inbound.end(),
                     [](const v1::Mapping* one) { return IsSentOn(*one); });
}

bool SendsOn(const Profile& profile, uint8_t family) {
  const size_t bytes = family == NFPROTO_IPV4 ? 4 : 16;
  return profile.firewall != v1::Firewall::off &&
         std::any_of(profile.inbound.begin(), profile.inbound.end(), [&](const v1::Mapping* one) {
           return one->forward().address().size() == bytes && one->action() == v1::Traffic::allow;
         });
}

namespace {

// Puts the new destinations of a part's plain mappings into maps and appends the rules that look
// packets up in them.
void ChangeByMaps(const std::vector<const v1::Mapping*>& plain, const ObjectName& scope,
                  std::vector<Rule>& rules, TableBuilder& table) {
  std::map<Kind, ForwardMap> maps;
  for (const Piece& piece : FlattenWanted(plain, IsSentOn, table.allowance())) {
    const v1::Mapping& mapping = *plain[piece.mapping];
    const What what = WhatChanges(mapping.forward());
    const bool ports = HasPorts(piece.protocol);
    if (what != What::kAddress && !ports) continue;
    for (const uint8_t family : {NFPROTO_IPV4, NFPROTO_IPV6}) {
      const size_t bytes = mapping.forward().address().size();
      const bool same = bytes == 0 || bytes == (family == NFPROTO_IPV4 ? 4u : 16u);
      if (!same || !Covers(piece, family)) continue;
      if (!table.allowance().Take(Allowance::Kind::kBoxes, 1, mapping)) break;
      ForwardMap& map = maps[{family, what, ports}];
      map.elements.emplace_back(ports ? PieceInterval(piece, family) : HostInterval(piece, family),
                                DataFor(what, mapping.forward()));
      map.protocols.insert(piece.protocol);
    }
  }
  for (auto& [kind, map] : maps) {
    const std::string name = MapName(scope, kind);
    table.AddSet(name, {.key = kind.ports ? PieceKey(kind.family) : HostKey(kind.family),
                        .data = DataOf(kind.what, kind.family),
                        .interval = true,
                        .elements = std::move(map.elements)});
    const Match change = {ruleset::Lookup{.set = name, .from = 0, .to = kData},
                          Change(kind.what, kind.family)};
    if (!kind.ports) rules.push_back(MakeRule({ProtocolAndSource(kind.family), change}));
    // nft(8) can print a rule that changes the port only if the rule matches the protocol.
    for (const uint8_t protocol : map.protocols) {
      if (!kind.ports) break;
      rules.push_back(MakeRule({IsProtocol(protocol), PortAndSource(kind.family), change}));
    }
  }
}

// The same for a mapping that matches more than a map can.
void ChangeByRule(const v1::Mapping& mapping, const ObjectName& scope, std::vector<Rule>& rules,
                  TableBuilder& table) {
  const What what = WhatChanges(mapping.forward());
  const size_t bytes = mapping.forward().address().size();
  for (const Alternative& way : AlternativesOf(mapping, {}, MatchSetsOf(mapping, scope), table)) {
    if (what != What::kAddress && !HasPorts(way.protocol)) continue;
    for (const uint8_t family : {NFPROTO_IPV4, NFPROTO_IPV6}) {
      const bool same = bytes == 0 || bytes == (family == NFPROTO_IPV4 ? 4u : 16u);
      if (!same || (way.family != 0 && way.family != family)) continue;
      Match change;
      if (way.family == 0) change = IsFamily(family);
      const Bytes data = DataFor(what, mapping.forward());
      const size_t address = what == What::kPort ? 0 : bytes;
      if (address != 0) change.push_back(ruleset::ImmediateData{kData, data.substr(0, address)});
      if (what != What::kAddress) {
        const auto at = static_cast<Register>(kData + address / 4);
        change.push_back(ruleset::ImmediateData{at, data.substr(address, 2)});
      }
      change.push_back(Change(what, family));
      rules.push_back(MakeRule({way.match, change}));
    }
  }
}

}  // namespace

std::vector<Rule> ChangeDestination(const Profile& profile, const ObjectName& scope,
                                    TableBuilder& table) {
  std::vector<Rule> rules;
  if (!HasForwards(profile)) return rules;
  const std::vector<Part>& parts = table.PartsFor(scope, profile.inbound);
  const WantedMappings sent_on(parts, IsSentOn);
  for (size_t i = 0; i < parts.size(); ++i) {
    const ObjectName here = PartName(scope, i);
    ChangeByMaps(parts[i].plain, here, rules, table);
    // Packets that this part decides about must not be forwarded by later parts.
    const std::span<const v1::Mapping* const> later = sent_on.Behind(i);
    Append(rules, PassDecided(parts[i].plain, later, IsSentOn, here, table));
    const v1::Mapping* const rich = parts[i].rich;
    if (rich == nullptr) continue;
    if (IsSentOn(*rich)) {
      ChangeByRule(*rich, scope, rules, table);
    } else {
      Append(rules, PassDecidedBy(*rich, later, scope, table));
    }
  }
  return rules;
}

void AddForwards(const Subject& subject, TableBuilder& table) {
  if (!AnyProfile(subject, HasForwards)) return;
  // Ends the chain for packets to other hosts, which this host only forwards.
  std::vector<Rule> rules = {MakeRule({IsNotAddressType(NFTA_FIB_F_DADDR, RTN_LOCAL)}, Accept())};
  const auto append = [&](std::vector<Rule> more) {
    std::move(more.begin(), more.end(), std::back_inserter(rules));
  };
  append(ForwardForPrivate(subject, table));
  append(Dispatch(
      subject, kChain, kInbound,
      [&](const Profile& profile, const ObjectName& scope) {
        std::vector<Rule> chain = ChangeDestination(profile, scope, table);
        chain.push_back(MakeRule({}, Accept()));
        return chain;
      },
      table));
  table.AddChain("nat-prerouting", {.hook = ruleset::Hook{.number = NF_INET_PRE_ROUTING,
                                                          .priority = NF_IP_PRI_NAT_DST,
                                                          .policy = NF_ACCEPT,
                                                          .type = "nat"},
                                    .rules = std::move(rules)});
}

}  // namespace firebreak::policy
