// SPDX-License-Identifier: Apache-2.0
#include "policy/compile/egress.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include <initializer_list>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "policy/compile/chain_names.h"
#include "policy/compile/spoofing.h"
#include "policy/resources/elsewhere.h"

namespace firebreak::policy {
namespace {

using ruleset::Rule;

constexpr char kTagTypes[] = "frame.tags";
constexpr char kCarriedTypes[] = "frame.carried";
// EtherTypes of VLAN tags (IEEE 802.1Q, 802.1ad and their predecessors) and of MPLS labels (RFC
// 3032).
constexpr uint16_t kTags[] = {0x8100, 0x88a8, 0x9100, 0x9200};
constexpr uint16_t kLabels[] = {0x8847, 0x8848};

void AddTypes(const std::string& name, ruleset::Field field,
              std::initializer_list<std::span<const uint16_t>> types, TableBuilder& table) {
  ruleset::Set set = {.key = {field}};
  for (std::span<const uint16_t> some : types) {
    for (uint16_t type : some) set.elements.emplace_back(KeyField(type).substr(0, 2));
  }
  table.AddSet(name, std::move(set));
}

// Refuses IP in a frame that claims to hold something else: behind a tag, which receivers remove
// (to them VLAN 0 is no VLAN), behind MPLS labels, or behind the header of IEEE 802.2, which some
// receivers still read (RFC 1042). The source of such a packet cannot be looked up in the routing
// table.
std::vector<Rule> RefuseHiddenIp(const ruleset::Verdict& refuse, TableBuilder& table) {
  constexpr uint16_t kIp[] = {kEtherIpv4, kEtherIpv6};
  AddTypes(kTagTypes, ruleset::Field::kEtherType, {kTags}, table);
  AddTypes(kCarriedTypes, ruleset::Field::kRawPair, {kIp, kTags, kLabels}, table);
  const Match tagged = IsFrameTypeIn(kTagTypes);
  std::vector<Rule> rules;
  // A VLAN device passes its tag to the device below it beside the frame. The frame's type is then
  // that of IP, and the frame is read like any other. This rule refuses a frame that contains a tag
  // and declares the type of a tag.
  rules.push_back(MakeRule({IsNotNetworkProtocol(kEtherIpv4), IsNotNetworkProtocol(kEtherIpv6),
                            tagged, IsTaggedTypeIn(kCarriedTypes)},
                           refuse));
  // These rules refuse a frame that contains a tag but declares the type of IP: the tag is where
  // the IP header should be.
  for (const uint16_t type : kIp) {
    rules.push_back(
        MakeRule({IsNetworkProtocol(type), tagged, IsHiddenTypeIn(kCarriedTypes)}, refuse));
  }
  for (const uint16_t type : kLabels) rules.push_back(MakeRule({IsFrameOf(type)}, refuse));
  for (const uint16_t type : kIp) {
    for (const char* organisation : {"\0\0\0", "\0\0\xf8"}) {
      const ruleset::Bytes header = ruleset::Bytes("\xaa\xaa\x03") +
                                    ruleset::Bytes(organisation, 3) + KeyField(type).substr(0, 2);
      rules.push_back(MakeRule({IsLinkControl(header)}, refuse));
    }
  }
  return rules;
}

// Judges all frames of IP, whatever protocol the socket declares: a socket that declares a wrong
// one would prevent the lookup in the routing table.
std::string SourceChain(bool observe, TableBuilder& table) {
  const std::string name = ChainFor("egress", observe);
  if (table.HasChain(name)) return name;
  const ruleset::Verdict refuse = table.Refuse("spoofed", observe);
  std::vector<Rule> rules;
  for (const uint16_t type : {kEtherIpv4, kEtherIpv6}) {
    rules.push_back(MakeRule({IsFrameOf(type), IsNotNetworkProtocol(type)}, refuse));
  }
  Append(rules, RefuseHiddenIp(refuse, table));
  const Rule check = CheckSourceOutbound(observe, /*knows_flows=*/false, table);
  for (const uint16_t type : {kEtherIpv4, kEtherIpv6}) {
    Rule rule = MakeRule({IsNetworkProtocol(type)});
    rule.expressions.insert(rule.expressions.end(), check.expressions.begin(),
                            check.expressions.end());
    rules.push_back(std::move(rule));
  }
  rules.push_back(MakeRule({}, Accept()));
  table.AddChain(name, std::move(rules));
  return name;
}

// Packets that leave by the end of a guest's cable come from the guest, so its interface has no
// chain.
bool HasEgressChain(const Interface& interface) {
  return interface.index != 0 && interface.type != "loopback" && !interface.is_port &&
         !interface.is_guest;
}

Rule Judge(const Match& where, v1::Firewall::Mode firewall, TableBuilder& table) {
  const Match own = IsFromOwnSocket() + where;
  if (firewall == v1::Firewall::off) return MakeRule({own}, Accept());
  const bool observe = firewall == v1::Firewall::observe;
  return MakeRule({own}, GoTo(SourceChain(observe, table)));
}

}  // namespace

absl::StatusOr<ruleset::Table> CompileEgress(const Subject& subject, TableBuilder table) {
  for (const Interface& interface : subject.interfaces) {
    if (!HasEgressChain(interface)) continue;
    ruleset::Chain chain;
    chain.hook = {.number = NF_NETDEV_EGRESS,
                  .priority = 0,
                  .policy = NF_ACCEPT,
                  .type = "filter",
                  .device = interface.name};
    // Packets that came through IP have been judged by its hooks already.
    chain.rules.push_back(MakeRule({HasRoute()}, Accept()));
    // Packets that others send through the device, such as guests that share it, are not this
    // host's.
    chain.rules.push_back(MakeRule({IsPassedOn()}, Accept()));
    for (const std::string& mac : interface.guests) {
      chain.rules.push_back(MakeRule({IsFrameFrom(mac)}, Accept()));
    }
    for (const v1::EffectiveLocation& location : subject.policy.locations()) {
      if (location.name() == kElsewhere) continue;
      chain.rules.push_back(Judge(IsInterfaceIn(kOutbound, LocationSetName(location.name())),
                                  FirewallFor(subject, location, interface), table));
    }
    chain.rules.push_back(
        Judge({}, FirewallFor(subject, subject.policy.locations(0), interface), table));
    table.AddChain(absl::StrCat("egress.", interface.index), std::move(chain));
  }
  return std::move(table).Finish();
}

}  // namespace firebreak::policy
