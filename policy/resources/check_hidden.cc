// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/check_hidden.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "policy/resources/names.h"
#include "policy/resources/resolve.h"

namespace firebreak::policy {
namespace {

// Pairs of ranges or prefixes to compare. If a list needs more, its remaining mappings are not
// checked.
constexpr size_t kMostLooks = 3'000'000;

using Prefixes = std::vector<v1::Prefix>;

// A mapping with its services, ranges and exceptions spelled out.
struct Spelled {
  const PlacedMapping* placed;
  std::vector<v1::PortRange> ports;
  std::vector<v1::IcmpKind> kinds;
  std::vector<v1::PortSpan> source_ports;
  Prefixes from, to;
};

Spelled SpellOut(const PlacedMapping& placed, const Configuration& configuration) {
  const v1::PortMapping& mapping = *placed.mapping;
  return {&placed,
          PortRangesOf(configuration, mapping),
          IcmpKindsOf(mapping),
          SourcePortsOf(mapping),
          SendersOf(mapping),
          ReceiversOf(mapping)};
}

// Whether the mapping always decides about the packets that it covers, now and later.
bool AlwaysDecides(const v1::PortMapping& mapping) {
  return !mapping.has_limit() && !mapping.has_connections() && mapping.expires().empty() &&
         mapping.users().empty() && mapping.user_groups().empty() && mapping.units().empty() &&
         !mapping.has_in() && !mapping.has_out();
}

class Hiding {
 public:
  bool exhausted() const { return looks_ > kMostLooks; }

  // Whether `outer` covers every packet that `inner` covers, whoever sends it.
  bool Hides(const Spelled& outer, const Spelled& inner) {
    return AllWithin(inner.ports, outer.ports, PortsWithin) &&
           (outer.kinds.empty() ||
            (!inner.kinds.empty() && AllWithin(inner.kinds, outer.kinds, KindWithin))) &&
           (outer.source_ports.empty() ||
            (!inner.source_ports.empty() &&
             AllWithin(inner.source_ports, outer.source_ports, SpanWithin))) &&
           (outer.from.empty() ||
            (!inner.from.empty() && AllWithin(inner.from, outer.from, PrefixWithin))) &&
           (outer.to.empty() || (!inner.to.empty() && AllWithin(inner.to, outer.to, PrefixWithin)));
  }

 private:
  static bool PortsWithin(const v1::PortRange& inner, const v1::PortRange& outer) {
    if (outer.protocol() == 0) return true;  // any
    return outer.protocol() == inner.protocol() && outer.first() <= inner.first() &&
           inner.last() <= outer.last();
  }
  static bool SpanWithin(const v1::PortSpan& inner, const v1::PortSpan& outer) {
    return outer.first() <= inner.first() && inner.last() <= outer.last();
  }
  static bool KindWithin(const v1::IcmpKind& inner, const v1::IcmpKind& outer) {
    return outer.protocol() == inner.protocol() && outer.type() == inner.type() &&
           (!outer.has_code() || (inner.has_code() && inner.code() == outer.code()));
  }
  static bool PrefixWithin(const v1::Prefix& inner, const v1::Prefix& outer) {
    if (outer.address().size() != inner.address().size()) return false;
    if (outer.length() > inner.length()) return false;
    for (uint32_t bit = 0; bit < outer.length(); bit += 8) {
      const uint32_t left = std::min<uint32_t>(outer.length() - bit, 8);
      const auto mask = static_cast<uint8_t>(0xff00 >> left);
      if (((inner.address()[bit / 8] ^ outer.address()[bit / 8]) & mask) != 0) return false;
    }
    return true;
  }

  template <typename Item>
  bool AllWithin(const std::vector<Item>& inner, const std::vector<Item>& outer,
                 bool (*within)(const Item&, const Item&)) {
    return std::all_of(inner.begin(), inner.end(), [&](const Item& one) {
      return std::any_of(outer.begin(), outer.end(), [&](const Item& other) {
        ++looks_;
        return !exhausted() && within(one, other);
      });
    });
  }

  size_t looks_ = 0;
};

}  // namespace

void WarnOfHidden(const std::vector<PlacedMapping>& mappings, MappingList list,
                  const FieldPath& parent, const Configuration& configuration, Findings& findings) {
  std::vector<const v1::PortMapping*> pointers;
  for (const PlacedMapping& placed : mappings) pointers.push_back(placed.mapping);
  const std::vector<std::string> names = MappingNames(pointers);
  std::vector<std::pair<Spelled, size_t>> deciders;
  Hiding hiding;
  for (size_t i = 0; i < mappings.size() && !hiding.exhausted(); ++i) {
    const PlacedMapping& placed = mappings[i];
    if (!IsEnabled(*placed.mapping)) continue;
    Spelled spelled = SpellOut(placed, configuration);
    // An invalid mapping covers nothing, and has been reported already.
    if (spelled.ports.empty()) continue;
    const auto by = std::find_if(deciders.begin(), deciders.end(),
                                 [&](const auto& one) { return hiding.Hides(one.first, spelled); });
    if (by != deciders.end()) {
      const PlacedMapping& first = *by->first.placed;
      const FieldPath other(parent, first.field, first.index);
      const std::optional<int> line = findings.LineOf(other);
      findings.Warn(
          FieldPath(parent, placed.field, placed.index),
          absl::StrCat("mapping ", Quoted(names[i]),
                       " can never match: ", Quoted(names[by->second]),
                       line.has_value() ? absl::StrCat(" on line ", *line) : "",
                       list == MappingList::kInbound
                           ? ", which comes first, covers all that it covers"
                           : ", which the list before it has, covers all that it covers"));
    }
    if (AlwaysDecides(*placed.mapping)) deciders.emplace_back(std::move(spelled), i);
  }
}

}  // namespace firebreak::policy
