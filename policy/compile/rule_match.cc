// SPDX-License-Identifier: Apache-2.0
#include "policy/compile/rule_match.h"

// glibc's header must come before the kernel's, which then leave out what both define.
#include <netinet/in.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_tuple_common.h>
#include <linux/netfilter/nf_tables.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"

namespace firebreak::policy {
namespace {

using namespace ruleset;  // the kernel's vocabulary

constexpr uint32_t kNetwork = NFT_PAYLOAD_NETWORK_HEADER;
constexpr uint32_t kTransport = NFT_PAYLOAD_TRANSPORT_HEADER;
constexpr uint8_t kFamilies[] = {NFPROTO_IPV4, NFPROTO_IPV6};

size_t AddressBytes(uint8_t family) { return family == NFPROTO_IPV4 ? 4 : 16; }

uint8_t IcmpFamily(uint8_t protocol) {
  if (protocol == IPPROTO_ICMP) return NFPROTO_IPV4;
  return protocol == IPPROTO_ICMPV6 ? static_cast<uint8_t>(NFPROTO_IPV6) : uint8_t{0};
}

// An interval of numbers of two bytes, as packets have them in network order.
struct Span16 {
  uint16_t first, last;
  friend auto operator<=>(const Span16&, const Span16&) = default;
};

Bytes Number16(uint16_t value) { return KeyField(value).substr(0, 2); }

// Sorts the spans and joins those that touch, because elements of a set may not overlap.
std::vector<Span16> Joined(std::vector<Span16> spans) {
  std::sort(spans.begin(), spans.end());
  std::vector<Span16> joined;
  for (const Span16& span : spans) {
    if (!joined.empty() && span.first <= uint32_t{joined.back().last} + 1) {
      joined.back().last = std::max(joined.back().last, span.last);
    } else {
      joined.push_back(span);
    }
  }
  return joined;
}

// Matches if the two bytes in register 0 are within one of the spans.
Match IsWithin(const std::vector<Span16>& spans, Field field, const ObjectName& set,
               TableBuilder& table) {
  if (spans.size() == 1 && spans[0].first == spans[0].last) {
    return {Cmp{0, NFT_CMP_EQ, Number16(spans[0].first)}};
  }
  if (spans.size() == 1) {
    return {Cmp{0, NFT_CMP_GTE, Number16(spans[0].first)},
            Cmp{0, NFT_CMP_LTE, Number16(spans[0].last)}};
  }
  std::vector<Element> elements;
  for (const Span16& span : spans) {
    elements.emplace_back(Number16(span.first) + Number16(span.last));
  }
  table.AddSet(set.Text(), {.key = {field}, .interval = true, .elements = std::move(elements)});
  return {Lookup{set.Text(), 0}};
}

// Returns the first and last addresses of the prefixes of one family, sorted, with touching
// intervals joined.
std::vector<std::pair<Bytes, Bytes>> Intervals(
    const google::protobuf::RepeatedPtrField<v1::Prefix>& prefixes, uint8_t family) {
  std::vector<std::pair<Bytes, Bytes>> intervals;
  for (const v1::Prefix& prefix : prefixes) {
    if (prefix.address().size() != AddressBytes(family)) continue;
    Bytes last = prefix.address();
    for (size_t bit = prefix.length(); bit < last.size() * 8; ++bit) {
      last[bit / 8] = static_cast<char>(last[bit / 8] | (0x80 >> bit % 8));
    }
    intervals.emplace_back(prefix.address(), std::move(last));
  }
  std::sort(intervals.begin(), intervals.end());
  const auto successor = [](Bytes address) {
    for (size_t i = address.size(); i-- > 0;) {
      address[i] = static_cast<char>(static_cast<uint8_t>(address[i]) + 1);
      if (address[i] != 0) return std::optional<Bytes>(address);
    }
    return std::optional<Bytes>();
  };
  std::vector<std::pair<Bytes, Bytes>> joined;
  for (std::pair<Bytes, Bytes>& interval : intervals) {
    const std::optional<Bytes> next =
        joined.empty() ? std::nullopt : successor(joined.back().second);
    if (!joined.empty() && (!next.has_value() || interval.first <= *next)) {
      joined.back().second = std::max(joined.back().second, interval.second);
    } else {
      joined.push_back(std::move(interval));
    }
  }
  return joined;
}

// Matches if the address in register 0 is within one of the prefixes.
Match IsIn(const google::protobuf::RepeatedPtrField<v1::Prefix>& prefixes, uint8_t family,
           const ObjectName& set, TableBuilder& table) {
  const std::vector<std::pair<Bytes, Bytes>> intervals = Intervals(prefixes, family);
  if (intervals.size() == 1) {
    const auto& [first, last] = intervals[0];
    if (first == last) return {Cmp{0, NFT_CMP_EQ, first}};
    return {Cmp{0, NFT_CMP_GTE, first}, Cmp{0, NFT_CMP_LTE, last}};
  }
  const Field field = family == NFPROTO_IPV4 ? Field::kIpv4Address : Field::kIpv6Address;
  std::vector<Element> elements;
  for (const auto& [first, last] : intervals) elements.emplace_back(first + last);
  const std::string name = (set / (family == NFPROTO_IPV4 ? "4" : "6")).Text();
  table.AddSet(name, {.key = {field}, .interval = true, .elements = std::move(elements)});
  return {Lookup{name, 0}};
}

Expression Original(uint32_t key) { return Ct{key, 0, IP_CT_DIR_ORIGINAL}; }

Match LoadLocalOf(const View& view, uint8_t family) {
  if (view.original) return {Original(family == NFPROTO_IPV4 ? NFT_CT_DST_IP : NFT_CT_DST_IP6)};
  const Direction& other = view.direction == &kOutbound ? kInbound : kOutbound;
  return LoadRemote(other, family, 0);
}

Match LoadPort(const View& view) {
  if (view.original) return {Original(NFT_CT_PROTO_DST)};
  return {Payload{kTransport, 2, 2, 0}};
}

// Matches if the user (or group) that owns the sending socket is one of those named.
Match IsSentBy(const google::protobuf::RepeatedPtrField<std::string>& names,
               const std::map<std::string, uint32_t>& known, uint32_t meta, Field field,
               const ObjectName& set, TableBuilder& table) {
  std::set<Bytes> numbers;
  for (const std::string& name : names) {
    uint32_t number = 0;
    const auto found = known.find(name);
    if (found != known.end()) {
      number = found->second;
    } else if (!absl::SimpleAtoi(name, &number)) {
      continue;
    }
    numbers.emplace(reinterpret_cast<const char*>(&number), sizeof number);
  }
  if (numbers.empty()) return {};
  if (numbers.size() == 1) return {Meta{meta, 0}, Cmp{0, NFT_CMP_EQ, *numbers.begin()}};
  std::vector<Element> elements;
  for (const Bytes& number : numbers) elements.emplace_back(number);
  table.AddSet(set.Text(), {.key = {field}, .elements = std::move(elements)});
  return {Meta{meta, 0}, Lookup{set.Text(), 0}};
}

// Matches if the sending socket belongs to one of the units. Returns one match for each level of
// the hierarchy at which these units are.
std::vector<Match> IsSentByUnit(const google::protobuf::RepeatedPtrField<std::string>& names,
                                const std::map<std::string, std::set<ControlGroup>>& known,
                                const ObjectName& sets, TableBuilder& table) {
  std::map<uint32_t, std::set<Bytes>> levels;
  for (const std::string& name : names) {
    const auto found = known.find(name);
    if (found == known.end()) continue;
    for (const ControlGroup& group : found->second) {
      levels[group.level].emplace(reinterpret_cast<const char*>(&group.number),
                                  sizeof group.number);
    }
  }
  std::vector<Match> matches;
  for (const auto& [level, numbers] : levels) {
    Match match = {Socket{NFT_SOCKET_CGROUPV2, level, 0}};
    if (numbers.size() == 1) {
      match.push_back(Cmp{0, NFT_CMP_EQ, *numbers.begin()});
    } else {
      Set set = {.key = {Field::kControlGroup}};
      for (const Bytes& number : numbers) set.elements.emplace_back(number);
      const std::string name = (sets / std::to_string(level)).Text();
      table.AddSet(name, std::move(set));
      match.push_back(Lookup{name, 0});
    }
    matches.push_back(std::move(match));
  }
  return matches;
}

// What the mapping matches for one protocol.
struct OfProtocol {
  std::vector<Span16> ports;  // empty: all
  std::vector<Span16> kinds;  // ICMP type and code; empty: all
};

std::map<uint8_t, OfProtocol> ByProtocol(const v1::Mapping& mapping) {
  std::map<uint8_t, OfProtocol> protocols;
  std::set<uint8_t> whole;
  for (const v1::PortRange& range : mapping.ports()) {
    const auto protocol = static_cast<uint8_t>(range.protocol());
    OfProtocol& one = protocols[protocol];
    if (range.first() == 0 && range.last() == 65535) whole.insert(protocol);
    one.ports.push_back(
        {static_cast<uint16_t>(range.first()), static_cast<uint16_t>(range.last())});
  }
  for (const uint8_t protocol : whole) protocols[protocol].ports.clear();
  for (const v1::IcmpKind& kind : mapping.icmp()) {
    const auto first = static_cast<uint16_t>(kind.type() << 8 | kind.code());
    const auto last = static_cast<uint16_t>(kind.has_code() ? first : first | 0xff);
    protocols[static_cast<uint8_t>(kind.protocol())].kinds.push_back({first, last});
  }
  // Any protocol includes all others.
  if (const auto any = protocols.find(0); any != protocols.end()) return {{0, {}}};
  for (auto& [protocol, one] : protocols) {
    one.ports = Joined(std::move(one.ports));
    one.kinds = Joined(std::move(one.kinds));
  }
  return protocols;
}

class AlternativeMaker {
 public:
  AlternativeMaker(const v1::Mapping& mapping, const View& view, const ObjectName& sets,
                   TableBuilder& table)
      : mapping_(mapping), view_(view), sets_(sets), table_(table) {}

  std::vector<Alternative> Make() && {
    std::vector<Alternative> all;
    const bool addressed = !mapping_.remote().empty() || !mapping_.local().empty();
    for (const auto& [protocol, one] : ByProtocol(mapping_)) {
      const uint8_t only = IcmpFamily(protocol);
      if (!addressed && only == 0) {
        Add(protocol, 0, one, all);
        continue;
      }
      for (const uint8_t family : kFamilies) {
        if ((only == 0 || only == family) && HasFamily(family)) Add(protocol, family, one, all);
      }
    }
    return all;
  }

 private:
  static bool Has(const google::protobuf::RepeatedPtrField<v1::Prefix>& prefixes, uint8_t family) {
    return prefixes.empty() ||
           std::any_of(prefixes.begin(), prefixes.end(), [&](const v1::Prefix& prefix) {
             return prefix.address().size() == AddressBytes(family);
           });
  }
  bool HasFamily(uint8_t family) const {
    return Has(mapping_.remote(), family) && Has(mapping_.local(), family);
  }

  void Add(uint8_t protocol, uint8_t family, const OfProtocol& one, std::vector<Alternative>& all) {
    // The conditions that exclude most packets come first, because a packet usually passes many
    // such rules without a match.
    Match match;
    if (protocol != 0) match = match + IsProtocol(protocol);
    const ObjectName sets = sets_ / std::to_string(protocol);
    if (!one.ports.empty()) {
      match = match + LoadPort(view_) + IsWithin(one.ports, Field::kPort, sets / "ports", table_);
    }
    if (!one.kinds.empty()) {
      match = match + Match{Payload{kTransport, 0, 2, 0}} +
              IsWithin(one.kinds, Field::kRawPair, sets / "types", table_);
    }
    if (!mapping_.source_ports().empty()) {
      std::vector<Span16> spans;
      for (const v1::PortSpan& span : mapping_.source_ports()) {
        spans.push_back({static_cast<uint16_t>(span.first()), static_cast<uint16_t>(span.last())});
      }
      match = match + Match{Payload{kTransport, 0, 2, 0}} +
              IsWithin(Joined(std::move(spans)), Field::kPort, sets_ / "source-ports", table_);
    }
    if (family != 0) match = match + IsFamily(family);
    if (!mapping_.remote().empty()) {
      match = match + LoadRemote(*view_.direction, family, 0) +
              IsIn(mapping_.remote(), family, sets_ / "remote", table_);
    }
    if (!mapping_.local().empty()) {
      match = match + LoadLocalOf(view_, family) +
              IsIn(mapping_.local(), family, sets_ / "local", table_);
    }
    AddSenders(protocol, family, match, all);
  }

  // Users, groups and units are matched one after the other. A sender that several of them name is
  // covered only by the first, so that no packet matches two alternatives.
  void AddSenders(uint8_t protocol, uint8_t family, const Match& match,
                  std::vector<Alternative>& all) {
    const bool anybody =
        mapping_.users().empty() && mapping_.user_groups().empty() && mapping_.units().empty();
    if (anybody) return all.push_back({protocol, family, match});
    const Senders& senders = table_.senders();
    const Match user = IsSentBy(mapping_.users(), senders.users, NFT_META_SKUID, Field::kUser,
                                sets_ / "users", table_);
    const Match group = IsSentBy(mapping_.user_groups(), senders.groups, NFT_META_SKGID,
                                 Field::kUserGroup, sets_ / "user-groups", table_);
    if (!user.empty()) all.push_back({protocol, family, match + user});
    if (!group.empty()) all.push_back({protocol, family, match + group});
    for (const Match& unit :
         IsSentByUnit(mapping_.units(), senders.units, sets_ / "units", table_)) {
      all.push_back({protocol, family, match + unit});
    }
  }

  const v1::Mapping& mapping_;
  const View& view_;
  const ObjectName& sets_;
  TableBuilder& table_;
};

}  // namespace

Match View::Port() const { return original ? OriginalPort() : PortOf(); }

Match View::Remote(uint8_t family) const {
  return IsFamily(family) + LoadRemote(*direction, family, 0);
}

std::vector<Alternative> AlternativesOf(const v1::Mapping& mapping, const View& view,
                                        const ObjectName& sets, TableBuilder& table) {
  return AlternativeMaker(mapping, view, sets, table).Make();
}

size_t CostOf(const v1::Mapping& mapping) {
  const int count = mapping.ports_size() + mapping.remote_size() + mapping.local_size() +
                    mapping.source_ports_size() + mapping.icmp_size() + mapping.users_size() +
                    mapping.user_groups_size() + mapping.units_size();
  return static_cast<size_t>(count) + 1;
}

}  // namespace firebreak::policy
