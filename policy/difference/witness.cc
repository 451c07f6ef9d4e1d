// SPDX-License-Identifier: Apache-2.0
#include "policy/difference/witness.h"

#include <netinet/in.h>

#include <algorithm>
#include <span>

#include "policy/difference/universe.h"
#include "policy/merge/icmp_option_types.h"
#include "policy/resources/protocols.h"

namespace firebreak::policy {
namespace {

constexpr uint16_t kLikelyProtocols[] = {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_GRE, IPPROTO_ESP,
                                         IPPROTO_SCTP};
constexpr uint16_t kLikelyPorts[] = {22, 443, 80, 53, 8080, 1};
constexpr uint16_t kLikelySourcePorts[] = {40000, 1};
// 192.0.2.1 and 2001:db8::1 (RFC 5737, RFC 3849), which readers recognise as examples.
constexpr AddressNumber kExample4 = 0xc0000201;
constexpr AddressNumber kExample6 = AddressNumber{0x20010db8} << 96 | 1;

// Returns the first of the `likely` numbers that the box holds, or else the box's first number.
uint16_t Choose(const Box& box, Box::Axis axis, std::span<const uint16_t> likely) {
  const auto found = std::find_if(likely.begin(), likely.end(), [&](uint16_t number) {
    return box.first16[axis] <= number && number <= box.last16[axis];
  });
  return found == likely.end() ? box.first16[axis] : *found;
}

}  // namespace

Witness WitnessOf(const Box& box, const Plane& plane) {
  Witness witness = {.plane = plane};
  Box possible = box;
  possible.first16[Box::kProtocol] = *FirstPossibleProtocol(box, plane);
  witness.protocol = static_cast<uint8_t>(Choose(possible, Box::kProtocol, kLikelyProtocols));
  if (HasPorts(witness.protocol)) {
    witness.source_port = Choose(box, Box::kSourcePort, kLikelySourcePorts);
    witness.port = Choose(box, Box::kPort, kLikelyPorts);
  } else if (witness.protocol == IcmpProtocol(plane.address_bytes)) {
    witness.port = box.first16[Box::kPort];
  }
  AddressNumber remote = *FirstPossibleAddress(box, plane);
  // The first address of a network is seldom a host's address, so take the next.
  if ((remote & 1) == 0 && remote < box.last_address) ++remote;
  const AddressNumber example = plane.address_bytes == 4 ? kExample4 : kExample6;
  if (box.first_address <= example && example <= box.last_address) remote = example;
  witness.remote = ToAddressBytes(remote, plane.address_bytes);
  return witness;
}

std::vector<std::string> OwnAddresses(size_t address_bytes) {
  // Anycast addresses that no network uses for a host of its own (RFC 7723, RFC 8155).
  if (address_bytes == 4) return {std::string("\xc0\0\0\x09", 4), std::string("\xc0\0\0\x0a", 4)};
  const std::string anycast("\x20\x01\0\x01\0\0\0\0\0\0\0\0\0\0\0", 15);
  return {anycast + '\x01', anycast + '\x02'};
}

bool Holds(const Box& box, const Plane& plane, const Witness& witness) {
  const auto within = [&](Box::Axis axis, uint16_t number) {
    return box.first16[axis] <= number && number <= box.last16[axis];
  };
  const AddressNumber remote = ToAddressNumber(witness.remote);
  return plane == witness.plane && within(Box::kProtocol, witness.protocol) &&
         within(Box::kSourcePort, witness.source_port) && within(Box::kPort, witness.port) &&
         box.first_address <= remote && remote <= box.last_address;
}

}  // namespace firebreak::policy
