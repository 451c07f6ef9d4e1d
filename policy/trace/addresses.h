// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_TRACE_ADDRESSES_H_
#define FIREBREAK_POLICY_TRACE_ADDRESSES_H_

#include <cstdint>

#include "policy/ruleset/expression.h"

namespace firebreak::policy {

// Predicates about addresses of 4 or 16 bytes in network order. A predicate about a kind that only
// one family has is false for the other family.

inline uint8_t Octet(const ruleset::Bytes& address, size_t index) {
  return static_cast<uint8_t>(address[index]);
}
inline bool IsIpv4(const ruleset::Bytes& address) { return address.size() == 4; }

inline bool IsMulticast(const ruleset::Bytes& address) {
  return IsIpv4(address) ? Octet(address, 0) >> 4 == 0xe : Octet(address, 0) == 0xff;
}
// Whether the address is in 224.0.0.0/24, which no router forwards.
inline bool IsLocalMulticast4(const ruleset::Bytes& address) {
  return IsIpv4(address) && address.compare(0, 3, ruleset::Bytes("\xe0\0\0", 3)) == 0;
}
inline bool IsLimitedBroadcast(const ruleset::Bytes& address) {
  return address == ruleset::Bytes(4, '\xff');
}
inline bool IsLoopbackAddress(const ruleset::Bytes& address) {
  return IsIpv4(address) ? Octet(address, 0) == 127 : address == ruleset::Bytes(15, '\0') + '\x01';
}
// Whether the address is 0.0.0.0; the kernel treats the rest of 0.0.0.0/8 like any other address.
inline bool IsUnspecified4(const ruleset::Bytes& address) {
  return address == ruleset::Bytes(4, '\0');
}
inline bool IsUnspecified(const ruleset::Bytes& address) {
  return address == ruleset::Bytes(address.size(), '\0');
}
inline bool IsLinkLocal6(const ruleset::Bytes& address) {  // fe80::/10
  return !IsIpv4(address) && Octet(address, 0) == 0xfe && Octet(address, 1) >> 6 == 2;
}

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_TRACE_ADDRESSES_H_
