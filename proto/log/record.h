// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_PROTO_LOG_RECORD_H_
#define FIREBREAK_PROTO_LOG_RECORD_H_

#include <cstdint>

namespace firebreak {

// kAttack: a flood of connection requests began or ended, which the reason says.
enum class Action : uint8_t { kOpen = 1, kOpenInbound, kClose, kDrop, kEventsLost, kAttack };
inline constexpr Action kLastAction = Action::kAttack;

// An IPv6 address as two numbers; an IPv4 address is in the lowest 32 bits of `low`.
struct LogAddress {
  uint64_t high = 0;
  uint64_t low = 0;

  friend bool operator==(const LogAddress&, const LogAddress&) = default;
};

// One record of the log, in a flat form, so that a million records a second can be processed.
// The texts' numbers are indices into the InternedStrings that belong to the record; 0: none.
struct Record {
  enum Has : uint8_t { kPorts = 1, kTcp = 2, kIcmp = 4, kSize = 8 };

  int64_t time_micros = 0;  // since 1970, UTC
  LogAddress source;
  LogAddress destination;
  uint64_t size = 0;  // bytes
  uint64_t lost = 0;  // set for kEventsLost
  uint32_t tcp_sequence = 0;
  uint32_t tcp_acknowledgement = 0;
  uint16_t source_port = 0;
  uint16_t destination_port = 0;
  uint16_t tcp_window = 0;
  uint16_t interface = 0;
  uint16_t location = 0;
  uint16_t policy = 0;
  uint16_t mapping = 0;
  uint16_t reason = 0;
  Action action = Action::kDrop;
  uint8_t family = 0;     // 4 or 6; 0: no addresses
  uint8_t protocol = 0;   // IPPROTO_*; valid only if there is a family
  uint8_t tcp_flags = 0;  // as in the TCP header
  uint8_t icmp_type = 0;
  uint8_t icmp_code = 0;
  uint8_t has = 0;

  friend bool operator==(const Record&, const Record&) = default;
};

}  // namespace firebreak

#endif  // FIREBREAK_PROTO_LOG_RECORD_H_
