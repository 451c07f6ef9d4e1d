// SPDX-License-Identifier: Apache-2.0
#include "policy/compile/responses.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter_ipv4.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <string>
#include <utility>

#include "policy/compile/admission.h"
#include "policy/compile/mapping_verdict.h"
#include "policy/compile/match.h"
#include "policy/compile/object_name.h"
#include "policy/compile/rule_match.h"
#include "policy/resources/protocols.h"

namespace firebreak::policy {
namespace {

using ruleset::Rule;

constexpr char kChain[] = "sent";
constexpr uint64_t kRememberedMillis = 60'000;
constexpr uint8_t kFamilies[] = {NFPROTO_IPV4, NFPROTO_IPV6};

bool HasResponses(const v1::Mapping& mapping) {
  return mapping.action() == v1::Traffic::allow && !mapping.responses().empty();
}

// Adds the set of addresses, of one family, that a mapping's packets were sent to.
std::string RememberedSet(const v1::Mapping& mapping, uint8_t family, TableBuilder& table) {
  const bool ipv4 = family == NFPROTO_IPV4;
  const std::string name =
      (ObjectName(ipv4 ? "responses4" : "responses6") / mapping.policy() / mapping.name()).Text();
  table.AddMeter(name,
                 {.key = {ipv4 ? ruleset::Field::kIpv4Address : ruleset::Field::kIpv6Address},
                  .dynamic = true,
                  .updated = true},
                 mapping);
  return name;
}

// Adds the set of source ports from which a mapping's packets were sent to multicast or broadcast.
// The answers come from addresses that are not in the other set, but to the port that asked.
std::string AskedSet(const v1::Mapping& mapping, TableBuilder& table) {
  const std::string name =
      (ObjectName("responses-asked") / mapping.policy() / mapping.name()).Text();
  table.AddMeter(name, {.key = {ruleset::Field::kPort}, .dynamic = true, .updated = true}, mapping);
  return name;
}

Match SourcePort() { return {ruleset::Payload{NFT_PAYLOAD_TRANSPORT_HEADER, 0, 2, 0}}; }
Match DestinationPort() { return {ruleset::Payload{NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2, 0}}; }

Match IsTo(const v1::PortRange& ports) {
  return IsPortBetween(static_cast<uint8_t>(ports.protocol()), static_cast<uint16_t>(ports.first()),
                       static_cast<uint16_t>(ports.last()));
}

// Adds rules that remember the receiver, for one of the ways in which the mapping covers a packet.
void RememberRemote(const v1::Mapping& mapping, const Alternative& way, uint8_t family,
                    std::vector<Rule>& rules, TableBuilder& table) {
  const Match family_known = way.family == 0 ? IsFamily(family) : Match();
  rules.push_back(MakeRule(
      {way.match,
       family_known,
       LoadRemote(kOutbound, family, 0),
       {ruleset::UpdateSet{RememberedSet(mapping, family, table), 0, kRememberedMillis}}}));
  if (!HasPorts(way.protocol)) return;
  const Match asked =
      SourcePort() + Match{ruleset::UpdateSet{AskedSet(mapping, table), 0, kRememberedMillis}};
  rules.push_back(MakeRule({way.match, IsMulticastDestination(family), asked}));
  if (family == NFPROTO_IPV6) return;
  rules.push_back(
      MakeRule({way.match, family_known, IsAddressType(NFTA_FIB_F_DADDR, RTN_BROADCAST), asked}));
}

std::vector<Rule> RememberRemotes(const Profile& profile, const ObjectName& scope,
                                  TableBuilder& table) {
  std::vector<Rule> rules;
  if (!WantsResponses(profile)) return rules;
  for (const v1::Mapping* mapping : profile.outbound) {
    if (!HasResponses(*mapping)) continue;
    for (const Alternative& way :
         AlternativesOf(*mapping, {.direction = &kOutbound}, MatchSetsOf(*mapping, scope), table)) {
      for (const uint8_t family : kFamilies) {
        if (way.family != 0 && way.family != family) continue;
        RememberRemote(*mapping, way, family, rules, table);
      }
    }
  }
  return rules;
}

}  // namespace

bool WantsResponses(const Profile& profile) {
  return profile.firewall != v1::Firewall::off &&
         std::any_of(profile.outbound.begin(), profile.outbound.end(),
                     [](const v1::Mapping* mapping) { return HasResponses(*mapping); });
}

void AddRememberedRemotes(const Subject& subject, TableBuilder& table) {
  if (!AnyProfile(subject, WantsResponses)) return;
  ruleset::Chain chain;
  chain.hook = {.number = NF_INET_LOCAL_OUT,
                .priority = NF_IP_PRI_FILTER + 1,
                .policy = NF_ACCEPT,
                .type = "filter"};
  chain.rules.push_back(MakeRule({IsLoopback(kOutbound)}, Accept()));
  chain.rules.push_back(MakeRule({IsState(NF_CT_STATE_BIT(IP_CT_ESTABLISHED))}, Accept()));
  Append(chain.rules, Dispatch(
                          subject, kChain, kOutbound,
                          [&](const Profile& profile, const ObjectName& scope) {
                            return RememberRemotes(profile, scope, table);
                          },
                          table));
  table.AddChain(kChain, std::move(chain));
}

std::vector<Rule> AdmitResponses(const Profile& profile, TableBuilder& table) {
  std::vector<Rule> rules;
  for (const v1::Mapping* mapping : profile.outbound) {
    if (!HasResponses(*mapping)) continue;
    for (const v1::PortRange& ports : mapping->responses()) {
      const ruleset::Verdict admit =
          Admit(profile, static_cast<uint8_t>(ports.protocol()),
                static_cast<uint16_t>(ports.first()), static_cast<uint16_t>(ports.last()), table);
      for (const uint8_t family : kFamilies) {
        rules.push_back(MakeRule(
            {IsSourceIn(family, RememberedSet(*mapping, family, table)), IsTo(ports)}, admit));
      }
      if (!HasPorts(static_cast<uint8_t>(ports.protocol()))) continue;
      rules.push_back(MakeRule(
          {IsTo(ports), DestinationPort(), {ruleset::Lookup{AskedSet(*mapping, table), 0}}},
          admit));
    }
  }
  return rules;
}

}  // namespace firebreak::policy
