// SPDX-License-Identifier: Apache-2.0
#include "proto/log/words.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include <array>
#include <charconv>
#include <iterator>

namespace firebreak {
namespace {

constexpr absl::string_view kActions[] = {
    "", "OPEN", "OPEN-INBOUND", "CLOSE", "DROP", "INFO-EVENTS-LOST", "INFO-ATTACK"};
static_assert(std::size(kActions) == static_cast<size_t>(kLastAction) + 1);

char* Write(absl::string_view word, char* to) {
  memcpy(to, word.data(), word.size());
  return to + word.size();
}

uint64_t BigEndian(const char* bytes, size_t count) {
  uint64_t value = 0;
  for (size_t i = 0; i < count; ++i) value = value << 8 | static_cast<uint8_t>(bytes[i]);
  return value;
}

// The decimal digits of the numbers below 256, followed by a dot, and how many digits there are.
struct Octet {
  char text[4];
  uint8_t digits;
};
constexpr std::array<Octet, 256> kOctets = [] {
  std::array<Octet, 256> octets = {};
  for (unsigned value = 0; value < octets.size(); ++value) {
    Octet& octet = octets[value];
    for (unsigned place = 100; place > 0; place /= 10) {
      if (value < place && place > 1) continue;
      octet.text[octet.digits++] = static_cast<char>('0' + value / place % 10);
    }
    octet.text[octet.digits] = '.';
  }
  return octets;
}();

char* WriteIpv4(uint64_t address, char* to) {
  static_assert(sizeof Octet::text * 4 <= kMaxWordBytes);
  for (int shift = 24; shift >= 0; shift -= 8) {
    const Octet& octet = kOctets[address >> shift & 0xff];
    memcpy(to, octet.text, sizeof octet.text);
    to += octet.digits + 1;
  }
  return to - 1;  // no dot follows the last number
}

}  // namespace

absl::string_view WordOf(Action action) { return kActions[static_cast<size_t>(action)]; }

bool ParseAction(absl::string_view word, Action& action) {
  for (size_t i = 1; i < std::size(kActions); ++i) {
    if (kActions[i] != word) continue;
    action = static_cast<Action>(i);
    return true;
  }
  return false;
}

char* WriteNumber(uint64_t number, char* to) {
  return std::to_chars(to, to + kMaxWordBytes, number).ptr;
}

char* WriteAddress(const LogAddress& address, uint8_t family, char* to) {
  if (family == 4) return WriteIpv4(address.low, to);
  in6_addr bytes;
  for (int i = 0; i < 8; ++i) {
    bytes.s6_addr[i] = static_cast<uint8_t>(address.high >> (56 - 8 * i));
    bytes.s6_addr[8 + i] = static_cast<uint8_t>(address.low >> (56 - 8 * i));
  }
  static_assert(INET6_ADDRSTRLEN <= kMaxWordBytes);
  inet_ntop(AF_INET6, &bytes, to, INET6_ADDRSTRLEN);
  return to + strlen(to);
}

char* WriteProtocol(uint8_t protocol, char* to) {
  switch (protocol) {
    case IPPROTO_TCP: return Write("TCP", to);
    case IPPROTO_UDP: return Write("UDP", to);
    case IPPROTO_ICMP: return Write("ICMP", to);
    case IPPROTO_ICMPV6: return Write("ICMPv6", to);
    default: return WriteNumber(protocol, to);
  }
}

char* WriteTcpFlags(uint8_t flags, char* to) {
  constexpr char kLetters[] = {'F', 'S', 'R', 'P', 'A', 'U'};  // by bit, lowest first
  for (size_t i = 0; i < std::size(kLetters); ++i) {
    if ((flags >> i & 1) != 0) *to++ = kLetters[i];
  }
  return to;
}

bool ToLogAddress(absl::string_view bytes, LogAddress& address, uint8_t& family) {
  if (bytes.size() == 4) {
    address = {.low = BigEndian(bytes.data(), 4)};
    family = 4;
  } else if (bytes.size() == 16) {
    address = {.high = BigEndian(bytes.data(), 8), .low = BigEndian(bytes.data() + 8, 8)};
    family = 6;
  } else {
    return false;
  }
  return true;
}

}  // namespace firebreak
