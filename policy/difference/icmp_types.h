#ifndef FIREBREAK_POLICY_DIFFERENCE_ICMP_TYPES_H_
#define FIREBREAK_POLICY_DIFFERENCE_ICMP_TYPES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "policy/resources/icmp_options.h"

namespace firebreak::policy {

// IPPROTO_ICMP, IPPROTO_ICMPV6.
uint8_t IcmpProtocol(size_t address_bytes);

// Types that IPv6 lives on, which pass whatever a policy says (RFC 4890, 4.4.1).
std::span<const uint8_t> EssentialIcmpv6Types(bool inbound);

// The type that stands for an option in a family; none: the family has no such message.
struct IcmpOptionType {
  IcmpOption option;
  std::optional<uint8_t> ipv4;
  std::optional<uint8_t> ipv6;

  std::optional<uint8_t> In(size_t address_bytes) const { return address_bytes == 4 ? ipv4 : ipv6; }
};

// What the host lets in, of what belongs to no flow.
std::span<const IcmpOptionType> IcmpRequestTypes();
// What it lets out.
std::span<const IcmpOptionType> IcmpErrorTypes();

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_DIFFERENCE_ICMP_TYPES_H_
