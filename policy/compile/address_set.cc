// SPDX-License-Identifier: Apache-2.0
#include "policy/compile/address_set.h"

#include <linux/netfilter.h>

#include <algorithm>
#include <string>
#include <utility>

namespace firebreak::policy {
namespace {

using ruleset::Bytes;
using ruleset::Field;

// Returns the lowest and the highest address of a prefix.
std::pair<Bytes, Bytes> Bounds(const Prefix& prefix) {
  Bytes last = prefix.address;
  for (size_t bit = static_cast<size_t>(prefix.length); bit < last.size() * 8; ++bit) {
    last[bit / 8] = static_cast<char>(static_cast<uint8_t>(last[bit / 8]) | 0x80u >> bit % 8);
  }
  return {prefix.address, std::move(last)};
}

// Merges overlapping prefixes, because the kernel refuses intervals that overlap.
std::vector<ruleset::Element> Merged(const std::vector<Prefix>& prefixes) {
  std::vector<std::pair<Bytes, Bytes>> ranges;
  for (const Prefix& prefix : prefixes) ranges.push_back(Bounds(prefix));
  std::sort(ranges.begin(), ranges.end());
  std::vector<std::pair<Bytes, Bytes>> merged;
  for (auto& range : ranges) {
    if (!merged.empty() && range.first <= merged.back().second) {
      merged.back().second = std::max(merged.back().second, range.second);
    } else {
      merged.push_back(std::move(range));
    }
  }
  std::vector<ruleset::Element> elements;
  for (const auto& [first, last] : merged) elements.emplace_back(first + last);
  return elements;
}

}  // namespace

std::vector<AddressMatch> WithinPrefixes(const std::vector<Prefix>& prefixes,
                                         const Direction& direction, const ObjectName& name,
                                         TableBuilder& table) {
  if (prefixes.empty()) return {{}};
  std::vector<AddressMatch> matches;
  for (const uint8_t family : {NFPROTO_IPV4, NFPROTO_IPV6}) {
    const size_t bytes = family == NFPROTO_IPV4 ? 4 : 16;
    std::vector<Prefix> of_family;
    std::copy_if(prefixes.begin(), prefixes.end(), std::back_inserter(of_family),
                 [&](const Prefix& prefix) { return prefix.address.size() == bytes; });
    if (of_family.empty()) continue;
    if (of_family.size() == 1) {
      matches.push_back({family, IsRemoteIn(direction, of_family[0].address, of_family[0].length)});
      continue;
    }
    const std::string set = (name / (family == NFPROTO_IPV4 ? "4" : "6")).Text();
    table.AddSet(set, {.key = {family == NFPROTO_IPV4 ? Field::kIpv4Address : Field::kIpv6Address},
                       .interval = true,
                       .elements = Merged(of_family)});
    matches.push_back({family, LoadRemote(direction, family, 0) + Match{ruleset::Lookup{set, 0}}});
  }
  return matches;
}

}  // namespace firebreak::policy
