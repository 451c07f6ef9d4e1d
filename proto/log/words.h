// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_PROTO_LOG_WORDS_H_
#define FIREBREAK_PROTO_LOG_WORDS_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "proto/log/record.h"

namespace firebreak {

// How the values of records are written, in the file, in messages and on terminals. Each function
// that writes needs room for kMaxWordBytes and returns the end of what it wrote.
inline constexpr size_t kMaxWordBytes = 48;

absl::string_view WordOf(Action action);
// Returns false if no action has that name.
bool ParseAction(absl::string_view word, Action& action);

char* WriteNumber(uint64_t number, char* to);
// Writes "192.0.2.1", or an IPv6 address as RFC 5952 recommends.
char* WriteAddress(const LogAddress& address, uint8_t family, char* to);
// Writes "TCP", "UDP", "ICMP", "ICMPv6", or the number.
char* WriteProtocol(uint8_t protocol, char* to);
// Writes the letters of FSRPAU whose flags are set; writes nothing if none is set.
char* WriteTcpFlags(uint8_t flags, char* to);

// Converts 4 or 16 bytes in network order; returns false for other lengths.
bool ToLogAddress(absl::string_view bytes, LogAddress& address, uint8_t& family);

}  // namespace firebreak

#endif  // FIREBREAK_PROTO_LOG_WORDS_H_
