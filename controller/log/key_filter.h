#ifndef FIREBREAK_CONTROLLER_LOG_KEY_FILTER_H_
#define FIREBREAK_CONTROLLER_LOG_KEY_FILTER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "absl/strings/string_view.h"

namespace firebreak::controller {

// A Bloom filter of keys that are hashes already: whether a set may contain a key. It says so of
// every key that is in the set, and of one in a few dozen that are not. About a byte for each
// different key; the number of bytes is a power of two.
inline constexpr size_t kMinKeyFilterBytes = 8;
inline constexpr size_t kMaxKeyFilterBytes = 16 << 10;

std::string MakeKeyFilter(std::span<const uint64_t> keys);

// A filter of no bytes says of every key that it may be there.
bool MayContain(absl::string_view filter, uint64_t key);

// Spreads a number over all bits of a key. What it gives is stored: it must never change.
constexpr uint64_t KeyOf(uint64_t number) {
  number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9;
  number = (number ^ (number >> 27)) * 0x94d049bb133111eb;
  return number ^ (number >> 31);
}

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_LOG_KEY_FILTER_H_
