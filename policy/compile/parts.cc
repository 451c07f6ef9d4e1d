// SPDX-License-Identifier: Apache-2.0
#include "policy/compile/parts.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "policy/compile/plain.h"

namespace firebreak::policy {
namespace {

using Prefixes = google::protobuf::RepeatedPtrField<v1::Prefix>;

// Two mappings with more pairs of ranges or prefixes than this are taken to overlap, which is
// always safe.
constexpr int kMostPairs = 4096;
// Ranges and prefixes to compare in total. When they are used up, mappings stay where they are.
constexpr size_t kMostArranging = 50'000'000;

bool PrefixesOverlap(const v1::Prefix& a, const v1::Prefix& b) {
  if (a.address().size() != b.address().size()) return false;
  const uint32_t bits = std::min(a.length(), b.length());
  for (uint32_t bit = 0; bit < bits; bit += 8) {
    const uint32_t left = std::min<uint32_t>(bits - bit, 8);
    const auto mask = static_cast<uint8_t>(0xff00 >> left);
    if (((a.address()[bit / 8] ^ b.address()[bit / 8]) & mask) != 0) return false;
  }
  return true;
}

bool AddressesOverlap(const Prefixes& a, const Prefixes& b, size_t& comparisons) {
  if (a.empty() || b.empty() || a.size() > kMostPairs / b.size()) return true;
  comparisons += static_cast<size_t>(a.size() * b.size());
  return std::any_of(a.begin(), a.end(), [&](const v1::Prefix& one) {
    return std::any_of(b.begin(), b.end(),
                       [&](const v1::Prefix& other) { return PrefixesOverlap(one, other); });
  });
}

bool RangesOverlap(const v1::PortRange& a, const v1::PortRange& b) {
  if (a.protocol() == 0 || b.protocol() == 0) return true;  // any
  return a.protocol() == b.protocol() && a.first() <= b.last() && b.first() <= a.last();
}

bool PortsOverlap(const v1::Mapping& a, const v1::Mapping& b, size_t& comparisons) {
  if (a.ports_size() > kMostPairs / std::max(b.ports_size(), 1)) return true;
  comparisons += static_cast<size_t>(a.ports_size() * b.ports_size()) + 1;
  return std::any_of(a.ports().begin(), a.ports().end(), [&](const v1::PortRange& one) {
    return std::any_of(b.ports().begin(), b.ports().end(),
                       [&](const v1::PortRange& other) { return RangesOverlap(one, other); });
  });
}

class Arranger {
 public:
  explicit Arranger(std::span<const v1::Mapping* const> mappings) : mappings_(mappings) {}

  std::vector<Part> Arrange() && {
    parts_.emplace_back();
    for (const v1::Mapping* mapping : mappings_) {
      if (IsPlain(*mapping)) {
        parts_[PlaceFor(*mapping)].plain.push_back(mapping);
      } else {
        parts_.back().rich = mapping;
        parts_.emplace_back();
      }
    }
    return std::move(parts_);
  }

 private:
  // Returns the first part that is not in front of anything that the mapping must stay behind.
  size_t PlaceFor(const v1::Mapping& mapping) {
    size_t place = parts_.size() - 1;
    for (; place > 0; --place) {
      const Part& here = parts_[place];
      const auto overlaps = [&](const v1::Mapping* one) { return Overlap(*one, mapping); };
      if (std::any_of(here.plain.begin(), here.plain.end(), overlaps)) return place;
      if (overlaps(parts_[place - 1].rich)) return place;
    }
    return place;
  }

  bool Overlap(const v1::Mapping& a, const v1::Mapping& b) {
    return comparisons_ > kMostArranging || MayOverlap(a, b, comparisons_);
  }

  const std::span<const v1::Mapping* const> mappings_;
  std::vector<Part> parts_;
  size_t comparisons_ = 0;
};

}  // namespace

bool MayOverlap(const v1::Mapping& a, const v1::Mapping& b, size_t& comparisons) {
  return PortsOverlap(a, b, comparisons) && AddressesOverlap(a.remote(), b.remote(), comparisons) &&
         AddressesOverlap(a.local(), b.local(), comparisons);
}

std::vector<Part> PartsOf(std::span<const v1::Mapping* const> mappings) {
  return Arranger(mappings).Arrange();
}

}  // namespace firebreak::policy
