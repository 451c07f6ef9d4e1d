// SPDX-License-Identifier: Apache-2.0
#include "controller/log/key_filter.h"

#include <algorithm>
#include <bit>

namespace firebreak::controller {
namespace {

constexpr int kProbes = 4;
constexpr size_t kBytesToAKey = 4;  // before the filter is folded
// With at most this share of bits set, a filter reports one in 24 absent keys as present.
constexpr double kMaxFill = 0.45;

// Calls `at(byte, bit)` for each bit of a key until it returns false; returns whether it never did.
template <typename At>
bool ForEachPlace(uint64_t key, size_t bytes, const At& at) {
  const uint64_t step = key >> 32 | 1;
  for (int i = 0; i < kProbes; ++i, key += step) {
    const size_t place = static_cast<size_t>(key) & (bytes * 8 - 1);
    if (!at(place / 8, static_cast<uint8_t>(1 << place % 8))) return false;
  }
  return true;
}

size_t CountBits(absl::string_view filter) {
  size_t bits = 0;
  for (const char byte : filter) {
    bits += static_cast<size_t>(std::popcount(static_cast<uint8_t>(byte)));
  }
  return bits;
}

// Halves the filter by combining its two halves: each bit of the second half moves to the same
// place in the first.
std::string Fold(absl::string_view filter) {
  std::string folded(filter.substr(0, filter.size() / 2));
  for (size_t i = 0; i < folded.size(); ++i) {
    folded[i] = static_cast<char>(folded[i] | filter[folded.size() + i]);
  }
  return folded;
}

}  // namespace

std::string MakeKeyFilter(std::span<const uint64_t> keys) {
  // Many keys may be equal. So the filter begins with room for all of them, and is then folded to
  // the size that the different keys need.
  std::string filter(
      std::clamp(std::bit_ceil(keys.size() * kBytesToAKey), kMinKeyFilterBytes, kMaxKeyFilterBytes),
      '\0');
  for (const uint64_t key : keys) {
    ForEachPlace(key, filter.size(), [&](size_t byte, uint8_t bit) {
      filter[byte] = static_cast<char>(filter[byte] | bit);
      return true;
    });
  }
  while (filter.size() > kMinKeyFilterBytes) {
    std::string folded = Fold(filter);
    if (static_cast<double>(CountBits(folded)) >
        kMaxFill * 8 * static_cast<double>(folded.size())) {
      break;
    }
    filter = std::move(folded);
  }
  return filter;
}

bool MayContain(absl::string_view filter, uint64_t key) {
  return filter.empty() || ForEachPlace(key, filter.size(), [&](size_t byte, uint8_t bit) {
           return (static_cast<uint8_t>(filter[byte]) & bit) != 0;
         });
}

}  // namespace firebreak::controller
