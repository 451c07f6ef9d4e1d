// SPDX-License-Identifier: Apache-2.0
#include "policy/compile/untracked_answers.h"

#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "policy/compile/match.h"
#include "policy/compile/spoofing.h"
#include "policy/resources/protocols.h"

namespace firebreak::policy {
namespace {

using ruleset::Field;
using ruleset::Rule;

constexpr char kChain[] = "answers";

// Ports by protocol: a map from first to last port of ranges that neither overlap nor touch.
using Ports = std::map<uint8_t, std::map<uint16_t, uint16_t>>;

bool RefusesOutbound(const Profile& profile) {
  if (profile.firewall == v1::Firewall::off) return false;
  return profile.outbound_default != v1::Traffic::allow ||
         std::any_of(profile.outbound.begin(), profile.outbound.end(),
                     [](const v1::Mapping* one) { return one->action() != v1::Traffic::allow; });
}

void Join(std::map<uint16_t, uint16_t>& ranges, uint32_t first, uint32_t last) {
  auto at = ranges.upper_bound(static_cast<uint16_t>(first));
  if (at != ranges.begin() && uint32_t{std::prev(at)->second} + 1 >= first) --at;
  while (at != ranges.end() && at->first <= last + 1) {
    first = std::min<uint32_t>(first, at->first);
    last = std::max<uint32_t>(last, at->second);
    at = ranges.erase(at);
  }
  ranges[static_cast<uint16_t>(first)] = static_cast<uint16_t>(last);
}

// Returns the ports that mappings open and at which this host itself answers.
Ports OpenPorts(const Profile& profile) {
  Ports ports;
  for (const v1::Mapping* mapping : profile.inbound) {
    if (mapping->action() != v1::Traffic::allow || mapping->has_forward()) continue;
    for (const v1::PortRange& range : mapping->ports()) {
      const auto protocol = static_cast<uint8_t>(range.protocol());
      if (HasPorts(protocol)) Join(ports[protocol], range.first(), range.last());
    }
  }
  return ports;
}

// Uses one set for each protocol, because the kernel's tree holds single ports and ranges alike.
std::vector<Rule> LetOut(const Profile& profile, const ObjectName& scope, TableBuilder& table) {
  if (!RefusesOutbound(profile)) return {};
  const bool observe = profile.firewall == v1::Firewall::observe;
  std::vector<Rule> rules;
  for (const auto& [protocol, ranges] : OpenPorts(profile)) {
    std::vector<ruleset::Element> elements;
    for (const auto& [first, last] : ranges) {
      elements.emplace_back(KeyField(first).substr(0, 2) + KeyField(last).substr(0, 2));
    }
    const std::string set = (scope / "from" / absl::StrCat(protocol)).Text();
    table.AddSet(set, {.key = {Field::kPort}, .interval = true, .elements = std::move(elements)});
    rules.push_back(MakeRule({IsProtocol(protocol),
                              {ruleset::Payload{NFT_PAYLOAD_TRANSPORT_HEADER, 0, 2, 0}},
                              {ruleset::Lookup{set, 0}}},
                             Accept()));
  }
  if (!rules.empty()) {
    rules.insert(rules.begin(), CheckSourceOutbound(observe, /*knows_flows=*/true, table));
  }
  return rules;
}

}  // namespace

std::vector<Rule> LetOutUntrackedAnswers(const Subject& subject, TableBuilder& table) {
  if (!AnyProfile(subject, RefusesOutbound)) return {};
  // These packets leave the host, but the mappings that let in their questions decide about them.
  Direction answers = kOutbound;
  answers.name = kChain;
  table.AddChain(kChain, Dispatch(
                             subject, kChain, answers,
                             [&](const Profile& profile, const ObjectName& scope) {
                               return LetOut(profile, scope, table);
                             },
                             table));
  return {MakeRule({IsState(NF_CT_STATE_UNTRACKED_BIT)}, {.code = NFT_JUMP, .chain = kChain})};
}

}  // namespace firebreak::policy
