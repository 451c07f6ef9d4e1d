// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_DIFFERENCE_BOX_H_
#define FIREBREAK_POLICY_DIFFERENCE_BOX_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "firebreak/v1/effective.pb.h"

namespace firebreak::policy {

using AddressNumber = unsigned __int128;

// Packets of one direction and family, as a product of four inclusive ranges:
// - the protocol, 1..255;
// - the source port and the destination port; protocols without ports have 0..65535. ICMP has its
//   type and code in place of the destination port: type * 256 + code;
// - the remote address, IPv4 ones in the lowest 32 bits.
struct Box {
  enum Axis : uint8_t { kProtocol, kSourcePort, kPort, kAddress };
  static constexpr std::array<Axis, 4> kAxes = {kProtocol, kSourcePort, kPort, kAddress};

  std::array<uint16_t, 3> first16 = {1, 0, 0};
  std::array<uint16_t, 3> last16 = {255, 65535, 65535};
  AddressNumber first_address = 0;
  AddressNumber last_address = 0;

  AddressNumber First(Axis axis) const {
    return axis == kAddress ? first_address : AddressNumber{first16[axis]};
  }
  AddressNumber Last(Axis axis) const {
    return axis == kAddress ? last_address : AddressNumber{last16[axis]};
  }
  void SetFirst(Axis axis, AddressNumber value);
  void SetLast(Axis axis, AddressNumber value);

  friend bool operator==(const Box&, const Box&) = default;

  template <typename Hash>
  friend Hash AbslHashValue(Hash hash, const Box& box) {
    return Hash::combine(std::move(hash), box.first16, box.last16, Words(box.first_address),
                         Words(box.last_address));
  }

 private:
  static std::array<uint64_t, 2> Words(AddressNumber number) {
    return {static_cast<uint64_t>(number >> 64), static_cast<uint64_t>(number)};
  }
};

// Returns the box of all packets of a family, whose addresses have 4 or 16 bytes.
Box WholeBox(size_t address_bytes);

bool Intersects(const Box& a, const Box& b);
bool Covers(const Box& outer, const Box& inner);
// Returns the intersection. The boxes must intersect.
Box Intersection(const Box& a, const Box& b);
// Returns the smallest box that covers both.
Box Hull(const Box& a, const Box& b);

// Returns the share of all packets of the family that the box holds; 1 is all of them.
double ShareOf(const Box& box, size_t address_bytes);

AddressNumber ToAddressNumber(const std::string& bytes);
std::string ToAddressBytes(AddressNumber number, size_t address_bytes);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_DIFFERENCE_BOX_H_
