#ifndef FIREBREAK_PROTO_LOG_WORDS_H_
#define FIREBREAK_PROTO_LOG_WORDS_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "proto/log/record.h"

namespace firebreak {

// How the values of records are written, in the file, in messages and on terminals alike. Each
// function that writes takes room for kMaxWordBytes and returns the end of what it wrote.
inline constexpr size_t kMaxWordBytes = 48;

absl::string_view WordOf(Action action);
// False: no action is called so.
bool ParseAction(absl::string_view word, Action& action);

char* WriteNumber(uint64_t number, char* to);
// "192.0.2.1", or as RFC 5952 has it.
char* WriteAddress(const LogAddress& address, uint8_t family, char* to);
// "TCP", "UDP", "ICMP", "ICMPv6", or the number.
char* WriteProtocol(uint8_t protocol, char* to);
// Writes the letters of FSRPAU whose flags are set; nothing if none is.
char* WriteTcpFlags(uint8_t flags, char* to);

// From 4 or 16 bytes in network order; others give false.
bool ToLogAddress(absl::string_view bytes, LogAddress& address, uint8_t& family);

}  // namespace firebreak

#endif  // FIREBREAK_PROTO_LOG_WORDS_H_
