// SPDX-License-Identifier: Apache-2.0
#include "policy/difference/universe.h"

#include <netinet/in.h>

#include <algorithm>
#include <span>

#include "policy/merge/icmp_option_types.h"

namespace firebreak::policy {
namespace {

struct Range {
  AddressNumber first, last;
};

constexpr AddressNumber kOne = 1;
constexpr Range kInbound4[] = {{kOne << 24, (AddressNumber{127} << 24) - 1},
                               {AddressNumber{128} << 24, (AddressNumber{224} << 24) - 1},
                               {AddressNumber{240} << 24, (kOne << 32) - 2}};
constexpr Range kOutbound4[] = {{kOne << 24, (AddressNumber{127} << 24) - 1},
                                {AddressNumber{128} << 24, (kOne << 32) - 1}};
constexpr Range kInbound6[] = {{kOne << 48, (AddressNumber{0xff} << 120) - 1}};
constexpr Range kOutbound6[] = {{kOne << 48, ~AddressNumber{0}}};

std::span<const Range> PossibleAddresses(const Plane& plane) {
  const bool inbound = plane.way == Way::kInbound;
  if (plane.address_bytes == 4) {
    return inbound ? std::span<const Range>(kInbound4) : std::span<const Range>(kOutbound4);
  }
  return inbound ? std::span<const Range>(kInbound6) : std::span<const Range>(kOutbound6);
}

}  // namespace

std::optional<AddressNumber> FirstPossibleAddress(const Box& box, const Plane& plane) {
  for (const Range& range : PossibleAddresses(plane)) {
    const AddressNumber first = std::max(range.first, box.first_address);
    if (first <= std::min(range.last, box.last_address)) return first;
  }
  return std::nullopt;
}

std::optional<uint16_t> FirstPossibleProtocol(const Box& box, const Plane& plane) {
  const bool ipv6 = plane.address_bytes == 16;
  const uint8_t foreign_icmp = IcmpProtocol(ipv6 ? 4 : 16);
  std::optional<uint16_t> authentication;
  for (uint16_t protocol = box.first16[Box::kProtocol]; protocol <= box.last16[Box::kProtocol];
       ++protocol) {
    const bool header = ipv6 && (protocol == IPPROTO_ROUTING || protocol == IPPROTO_FRAGMENT ||
                                 protocol == IPPROTO_NONE || protocol == IPPROTO_DSTOPTS);
    if (protocol == foreign_icmp || header) continue;
    // An authentication header must be complete and have another protocol behind it, so this choice
    // is the last.
    if (ipv6 && protocol == IPPROTO_AH) {
      authentication = protocol;
      continue;
    }
    return protocol;
  }
  return authentication;
}

bool IsPossible(const Box& box, const Plane& plane) {
  return FirstPossibleProtocol(box, plane).has_value() &&
         FirstPossibleAddress(box, plane).has_value();
}

}  // namespace firebreak::policy
