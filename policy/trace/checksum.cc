// SPDX-License-Identifier: Apache-2.0
#include "policy/trace/checksum.h"

#include <netinet/in.h>

namespace firebreak::policy {
namespace {

uint32_t Sum(const ruleset::Bytes& bytes, uint32_t sum) {
  for (size_t i = 0; i < bytes.size(); i += 2) sum += Read16(bytes, i);
  return sum;
}

uint16_t Fold(uint32_t sum) {
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(sum);
}

}  // namespace

uint16_t HeaderSum(const ruleset::Bytes& header) { return Fold(Sum(header, 0)); }

uint16_t TransportSum(const Packet& packet) {
  uint32_t sum = 0;
  if (packet.protocol != IPPROTO_ICMP) {
    sum = Sum(SourceOf(packet) + DestinationOf(packet), 0);
    sum += packet.protocol + static_cast<uint32_t>(packet.transport.size());
  }
  return Fold(Sum(packet.transport, sum));
}

uint32_t SctpChecksum(const ruleset::Bytes& transport) {
  constexpr uint32_t kPolynomial = 0x82f63b78;  // bits in reverse order
  uint32_t crc = 0xffffffff;
  for (size_t i = 0; i < transport.size(); ++i) {
    const bool own = i >= 8 && i < 12;
    crc ^= own ? 0 : static_cast<uint8_t>(transport[i]);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? kPolynomial : 0);
  }
  // The header has the lowest byte first.
  return __builtin_bswap32(~crc);
}

}  // namespace firebreak::policy
