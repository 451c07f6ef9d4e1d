// SPDX-License-Identifier: Apache-2.0
#include "policy/compile/mapping_verdict.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "policy/compile/admission.h"
#include "policy/compile/logging.h"
#include "policy/compile/unmatched.h"

namespace firebreak::policy {
namespace {

using ruleset::Bytes;
using ruleset::Field;
using ruleset::Rule;
using ruleset::Verdict;

constexpr uint8_t kFamilies[] = {NFPROTO_IPV4, NFPROTO_IPV6};
constexpr uint64_t kShortestMemory = 60, kLongestMemory = 30 * 24 * 3600;  // seconds

ObjectName ChainOf(const v1::Mapping& mapping, const ObjectName& scope, absl::string_view kind) {
  return scope / kind / mapping.policy() / mapping.name();
}

// Admits flows by protocol and ports, or by the flow's own protocol if `ports` names none.
Verdict AdmitPorts(const Profile& profile, const Ports16& ports, const ObjectName& scope,
                   TableBuilder& table) {
  if (ports.protocol != 0) {
    return Admit(profile, ports.protocol, ports.first, ports.last, table);
  }
  const std::string name = (scope / "admit-any").Text();
  table.AddChain(name, AdmitAny(profile, table));
  return GoTo(name);
}

Verdict ActionOf(const Profile& profile, const v1::Mapping& mapping, const Ports16& ports,
                 const Direction& direction, const ObjectName& scope, TableBuilder& table) {
  if (mapping.action() == v1::Traffic::allow) return AdmitPorts(profile, ports, scope, table);
  const bool observe = profile.firewall == v1::Firewall::observe;
  const Verdict refuse = mapping.action() == v1::Traffic::reject ? table.Reject("rejected", observe)
                                                                 : table.Refuse("blocked", observe);
  return RefuseUnlessNeeded(direction, refuse, table);
}

// Returns the limit of a mapping's log. All records of a period may come at once, up to 50.
ruleset::Limit LogLimit(const v1::MappingLog& log) {
  constexpr uint64_t kMostAtOnce = 50;
  return {.packets = log.records(),
          .burst = static_cast<uint32_t>(std::min(log.records(), kMostAtOnce)),
          .seconds = log.seconds()};
}

// Returns the time after which a source's meter is full again, so that forgetting it changes
// nothing.
uint64_t MemoryMillis(const v1::Limit& limit) {
  const uint64_t full = limit.seconds() * limit.burst() / limit.flows() + 1;
  return std::clamp(full, kShortestMemory, kLongestMemory) * 1000;
}

// Loads the key of a source's meter. For IPv6 the key is the /64 network, because whoever has one
// of its addresses can use them all.
Match LoadSource(uint8_t family) {
  Match load = LoadRemote(kInbound, family, 0);
  if (family == NFPROTO_IPV6) {
    load.push_back(ruleset::Bitwise{0, 0, Bytes(8, '\xff') + Bytes(8, '\0'), Bytes(16, '\0')});
  }
  return load;
}

// Adds the set of meters. With `forgets`, elements expire. The kernel allows no expiry for counts
// of flows (nft_dynset_init); it removes such an element when its last flow has ended.
std::string MeterSet(const v1::Mapping& mapping, const ObjectName& scope, absl::string_view kind,
                     bool forgets, uint8_t family, TableBuilder& table) {
  const bool ipv4 = family == NFPROTO_IPV4;
  const std::string name = ChainOf(mapping, scope, absl::StrCat(kind, ipv4 ? "4" : "6")).Text();
  table.AddMeter(name,
                 {.key = {ipv4 ? Field::kIpv4Address : Field::kIpv6Address},
                  .dynamic = forgets,
                  .updated = true},
                 mapping);
  return name;
}

// Makes the chain that sends flows within the limits to the verdict and returns the others.
std::string LimitChain(const v1::Mapping& mapping, const ObjectName& scope, const Verdict& verdict,
                       TableBuilder& table) {
  const bool each_rate = mapping.has_limit() && mapping.limit().per_source();
  const bool each_count = mapping.has_connections() && mapping.connections().per_source();
  const ruleset::Connlimit flows = {mapping.connections().max()};
  const ruleset::Limit rate = {.packets = mapping.limit().flows(),
                               .burst = mapping.limit().burst(),
                               .seconds = mapping.limit().seconds()};
  // Flows are counted before the rate is, so a flow beyond the count does not use up the rate.
  const auto rule = [&](const Match& source, uint8_t family) {
    Match match = source;
    if (each_count) {
      match.push_back(ruleset::UpdateSet{
          .set = MeterSet(mapping, scope, "flows", /*forgets=*/false, family, table),
          .from = 0,
          .connlimit = flows});
    } else if (mapping.has_connections()) {
      match.push_back(flows);
    }
    if (each_rate) {
      match.push_back(ruleset::UpdateSet{
          .set = MeterSet(mapping, scope, "rate", /*forgets=*/true, family, table),
          .from = 0,
          .timeout_millis = MemoryMillis(mapping.limit()),
          .limit = rate});
    } else if (mapping.has_limit()) {
      match.push_back(rate);
    }
    return MakeRule({match}, verdict);
  };
  std::vector<Rule> rules;
  ObjectName name = ChainOf(mapping, scope, "limit");
  if (!each_rate && !each_count) {
    rules.push_back(rule({}, 0));
  } else {
    for (const uint8_t family : kFamilies) {
      rules.push_back(rule(IsFamily(family) + LoadSource(family), family));
    }
  }
  table.NoteOrigin(name.Text(), {}, mapping);
  table.AddChain(name.Text(), std::move(rules));
  return name.Text();
}

// Makes a chain for this mapping alone, which logs if the mapping does, and then acts.
Verdict OwnChain(const Profile& profile, const v1::Mapping& mapping, const Ports16& ports,
                 const Direction& direction, const ObjectName& scope, TableBuilder& table) {
  std::vector<Rule> rules = RecordOf(mapping, table);
  rules.push_back(MakeRule({}, ActionOf(profile, mapping, ports, direction, scope, table)));
  ObjectName name = ChainOf(mapping, scope, "mapping");
  if (ports.protocol != 0) name = name / absl::StrCat(ports.protocol);
  table.NoteOrigin(name.Text(), {}, mapping);
  table.AddChain(name.Text(), std::move(rules));
  return GoTo(name.Text());
}

}  // namespace

std::vector<Rule> RecordOf(const v1::Mapping& mapping, const TableBuilder& table) {
  // If all drops are logged, a second record would repeat the first.
  const bool logged = mapping.action() != v1::Traffic::allow && table.LogsDropped();
  if (!mapping.has_log() || logged) return {};
  Match log;
  if (mapping.log().records() != 0) log.push_back(LogLimit(mapping.log()));
  log.push_back(
      ruleset::Log{kLogGroup, MappingLogPrefix(mapping), kLogSnapLength, kLogQueueThreshold});
  return {MakeRule({log})};
}

Verdict WithinLimits(const v1::Mapping& mapping, const ObjectName& scope, const Verdict& verdict,
                     TableBuilder& table) {
  if (!mapping.has_limit() && !mapping.has_connections()) return verdict;
  return {.code = NFT_JUMP, .chain = LimitChain(mapping, scope, verdict, table)};
}

ObjectName MatchSetsOf(const v1::Mapping& mapping, const ObjectName& scope) {
  return ChainOf(mapping, scope, "match");
}

Verdict VerdictOf(const Profile& profile, const v1::Mapping& mapping, const Ports16& ports,
                  const Direction& direction, const ObjectName& scope, TableBuilder& table) {
  // All ports of a logged mapping share one chain, because they share the limit on records.
  if (mapping.has_log()) return OwnChain(profile, mapping, {}, direction, scope, table);
  return ActionOf(profile, mapping, ports, direction, scope, table);
}

std::vector<Rule> RichRules(const Profile& profile, const v1::Mapping& mapping, const View& view,
                            const ObjectName& scope, TableBuilder& table) {
  std::vector<Rule> rules;
  if (!table.allowance().Take(Allowance::Kind::kRules, 1, mapping) ||
      !table.allowance().Take(Allowance::Kind::kPieces, CostOf(mapping), mapping)) {
    return rules;
  }
  const std::vector<Alternative> ways =
      AlternativesOf(mapping, view, MatchSetsOf(mapping, scope), table);
  const bool limited = mapping.has_limit() || mapping.has_connections();
  for (const Alternative& way : ways) {
    Ports16 ports = {.protocol = way.protocol, .first = 65535, .last = 0};
    for (const v1::PortRange& range : mapping.ports()) {
      if (range.protocol() != way.protocol) continue;
      ports.first = std::min(ports.first, static_cast<uint16_t>(range.first()));
      ports.last = std::max(ports.last, static_cast<uint16_t>(range.last()));
    }
    // Alternatives that share limits or a log need one chain, whatever their protocol.
    if (limited || mapping.has_log()) ports = {};
    const Verdict own = OwnChain(profile, mapping, ports, *view.direction, scope, table);
    rules.push_back(MakeRule({way.match}, WithinLimits(mapping, scope, own, table)));
  }
  return rules;
}

}  // namespace firebreak::policy
