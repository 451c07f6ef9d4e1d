// SPDX-License-Identifier: Apache-2.0
#include "policy/import/match.h"

#include <netinet/in.h>

#include <algorithm>
#include <iterator>

namespace firebreak::importer {
namespace {

constexpr int kWithPorts[] = {kTcp, kUdp, IPPROTO_SCTP, IPPROTO_DCCP, IPPROTO_UDPLITE};

using NameList = std::vector<std::string>;

std::optional<NameList> Intersect(const std::optional<NameList>& a,
                                  const std::optional<NameList>& b) {
  if (!a.has_value() || !b.has_value()) return a.has_value() ? a : b;
  NameList both;
  std::set_intersection(a->begin(), a->end(), b->begin(), b->end(), std::back_inserter(both));
  return both;
}

bool IsNone(const std::optional<NameList>& names) { return names.has_value() && names->empty(); }

Addresses Intersect(const Addresses& a, const Addresses& b) {
  return {a.v4.Intersect(b.v4), a.v6.Intersect(b.v6)};
}

// Returns the intersection without limits.
Match Plain(const Match& a, const Match& b) {
  Match both;
  both.in = Intersect(a.in, b.in);
  both.out = Intersect(a.out, b.out);
  both.from = Intersect(a.from, b.from);
  both.to = Intersect(a.to, b.to);
  both.protocols = a.protocols & b.protocols;
  both.source_ports = a.source_ports.Intersect(b.source_ports);
  both.ports = a.ports.Intersect(b.ports);
  both.kinds4 = a.kinds4.Intersect(b.kinds4);
  both.kinds6 = a.kinds6.Intersect(b.kinds6);
  both.states = a.states & b.states;
  both.destinations = a.destinations & b.destinations;
  both.segments = a.segments & b.segments;
  both.sent_on = a.sent_on & b.sent_on;
  both.users = Intersect(a.users, b.users);
  both.user_groups = Intersect(a.user_groups, b.user_groups);
  Normalise(both);
  return both;
}

bool OnlyFamily(const Match& match, bool v4) {
  return v4 ? match.HasV4() && !match.HasV6() : match.HasV6() && !match.HasV4();
}

}  // namespace

IntervalSet AllV4() { return IntervalSet::Of(0, 0xffffffffu); }
IntervalSet AllV6() { return IntervalSet::Of(0, absl::Uint128Max()); }
IntervalSet AllPorts() { return IntervalSet::Of(0, 65535); }
IntervalSet AllKinds() { return IntervalSet::Of(0, 65535); }

std::bitset<256> ProtocolsWithPorts() {
  std::bitset<256> protocols;
  for (const int protocol : kWithPorts) protocols.set(static_cast<size_t>(protocol));
  return protocols;
}

bool AnyWithPorts(const std::bitset<256>& protocols) {
  return (protocols & ProtocolsWithPorts()).any();
}

void Normalise(Match& match) {
  if (match.from.v4.empty() || match.to.v4.empty()) match.DropV4();
  if (match.from.v6.empty() || match.to.v6.empty()) match.DropV6();
  // No packet comes from port 0, and none goes there.
  const IntervalSet used = IntervalSet::Of(1, 65535);
  if (match.source_ports.Intersect(used).empty() || match.ports.Intersect(used).empty()) {
    match.protocols &= ~ProtocolsWithPorts();
  }
  if (match.kinds4.empty()) match.protocols.reset(kIcmp);
  if (match.kinds6.empty()) match.protocols.reset(kIcmpv6);
  if (match.segments == 0) match.protocols.reset(kTcp);
  // A protocol that belongs to one family leaves the other family out.
  std::bitset<256> icmp, icmpv6;
  icmp.set(kIcmp);
  icmpv6.set(kIcmpv6);
  if (match.protocols == icmp) match.DropV6();
  if (match.protocols == icmpv6) match.DropV4();
  if (!AnyWithPorts(match.protocols)) match.source_ports = match.ports = AllPorts();
  if (!match.protocols.test(kIcmp)) match.kinds4 = AllKinds();
  if (!match.protocols.test(kIcmpv6)) match.kinds6 = AllKinds();
  if (!match.protocols.test(kTcp)) match.segments = kAllSegments;
}

bool IsEmpty(const Match& normal) {
  return normal.in.IsEmpty() || normal.out.IsEmpty() || (!normal.HasV4() && !normal.HasV6()) ||
         normal.protocols.none() || normal.states == 0 || normal.destinations == 0 ||
         normal.sent_on == 0 || IsNone(normal.users) || IsNone(normal.user_groups);
}

std::optional<Match> Intersect(const Match& a, const Match& b) {
  Match both = Plain(a, b);
  if (a.rate.has_value() && b.rate.has_value() && a.rate != b.rate) return std::nullopt;
  if (a.flows.has_value() && b.flows.has_value() && a.flows != b.flows) return std::nullopt;
  both.rate = a.rate.has_value() ? a.rate : b.rate;
  both.flows = a.flows.has_value() ? a.flows : b.flows;
  return both;
}

bool Overlap(const Match& a, const Match& b) { return !IsEmpty(Plain(a, b)); }

bool Within(const Match& inner, const Match& outer) {
  if (outer.HasCondition()) return false;
  Match plain = inner;
  plain.rate.reset();
  plain.flows.reset();
  return Plain(plain, outer) == plain;
}

std::optional<Match> Unite(const Match& a, const Match& b) {
  if (a.rate != b.rate || a.flows != b.flows) return std::nullopt;
  if (Within(b, a) && !a.HasCondition()) return a;
  if (Within(a, b) && !b.HasCondition()) return b;
  // The union is a product only if all dimensions but one are equal. Where the matches are of
  // different families, both their addresses count as one dimension, since one family's source
  // never meets the other's destination.
  Match sum = a;
  int differences = 0;
  const auto differs = [&](bool equal) {
    if (!equal) ++differences;
    return !equal;
  };
  if (differs(a.in == b.in)) {
    const auto in = Unite(a.in, b.in);
    if (!in.has_value()) return std::nullopt;
    sum.in = *in;
  }
  if (differs(a.out == b.out)) {
    const auto out = Unite(a.out, b.out);
    if (!out.has_value()) return std::nullopt;
    sum.out = *out;
  }
  const bool apart = (OnlyFamily(a, true) && OnlyFamily(b, false)) ||
                     (OnlyFamily(a, false) && OnlyFamily(b, true));
  if (apart) ++differences;
  if (apart || differs(a.from == b.from)) {
    sum.from = {a.from.v4.Unite(b.from.v4), a.from.v6.Unite(b.from.v6)};
  }
  if (apart || differs(a.to == b.to)) {
    sum.to = {a.to.v4.Unite(b.to.v4), a.to.v6.Unite(b.to.v6)};
  }
  if (differs(a.protocols == b.protocols)) {
    sum.protocols |= b.protocols;
    // A match without protocols with ports has full port sets, which stand for nothing; the union
    // must not widen them.
    if (AnyWithPorts(a.protocols) != AnyWithPorts(b.protocols) &&
        (a.ports != b.ports || a.source_ports != b.source_ports)) {
      return std::nullopt;
    }
  }
  if (differs(a.source_ports == b.source_ports)) {
    sum.source_ports = a.source_ports.Unite(b.source_ports);
  }
  if (differs(a.ports == b.ports)) sum.ports = a.ports.Unite(b.ports);
  if (differs(a.kinds4 == b.kinds4)) sum.kinds4 = a.kinds4.Unite(b.kinds4);
  if (differs(a.kinds6 == b.kinds6)) sum.kinds6 = a.kinds6.Unite(b.kinds6);
  if (differs(a.states == b.states)) sum.states |= b.states;
  if (differs(a.destinations == b.destinations)) sum.destinations |= b.destinations;
  if (differs(a.segments == b.segments)) sum.segments |= b.segments;
  if (differs(a.sent_on == b.sent_on)) sum.sent_on |= b.sent_on;
  if (a.users != b.users || a.user_groups != b.user_groups || differences > 1) return std::nullopt;
  return sum;
}

}  // namespace firebreak::importer
