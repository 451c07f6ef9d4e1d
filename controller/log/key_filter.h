// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_LOG_KEY_FILTER_H_
#define FIREBREAK_CONTROLLER_LOG_KEY_FILTER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "absl/strings/string_view.h"

namespace firebreak::controller {

// A Bloom filter over keys that are already hashes: answers whether a set may contain a key. It
// says yes for every key in the set, and for one in a few dozen of the others. It takes about a
// byte for each different key; its size is a power of two.
inline constexpr size_t kMinKeyFilterBytes = 8;
inline constexpr size_t kMaxKeyFilterBytes = 16 << 10;

std::string MakeKeyFilter(std::span<const uint64_t> keys);

// A filter of zero bytes may contain any key.
bool MayContain(absl::string_view filter, uint64_t key);

// Spreads a number over all bits of a key. The result is stored on disk, so this function must
// never change.
constexpr uint64_t KeyOf(uint64_t number) {
  number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9;
  number = (number ^ (number >> 27)) * 0x94d049bb133111eb;
  return number ^ (number >> 31);
}

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_LOG_KEY_FILTER_H_
