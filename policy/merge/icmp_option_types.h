// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_MERGE_ICMP_OPTION_TYPES_H_
#define FIREBREAK_POLICY_MERGE_ICMP_OPTION_TYPES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "policy/resources/icmp_options.h"

namespace firebreak::policy {

constexpr uint8_t kIcmpRouterSolicitation = 10;  // of IPv4, RFC 1256

// Returns IPPROTO_ICMP or IPPROTO_ICMPV6.
uint8_t IcmpProtocol(size_t address_bytes);

// Returns the types that IPv6 cannot work without, which pass whatever a policy says (RFC 4890,
// 4.4.1).
std::span<const uint8_t> EssentialIcmpv6Types(bool inbound);

// Whether connection tracking accepts such a message without a flow, either as the beginning of a
// flow or as a message that it does not track. Connection tracking calls all other messages invalid
// (nf_conntrack_proto_icmp.c, nf_conntrack_proto_icmpv6.c).
bool IsValidAlone(uint8_t type, size_t address_bytes);

// An ICMP option and its type in each family; a family without such a message has no type.
struct IcmpOptionType {
  IcmpOption option;
  std::optional<uint8_t> ipv4;
  std::optional<uint8_t> ipv6;

  std::optional<uint8_t> In(size_t address_bytes) const { return address_bytes == 4 ? ipv4 : ipv6; }
};

// Returns the options for messages that the host may let in although they belong to no flow.
std::span<const IcmpOptionType> IcmpRequestTypes();
// Returns the options for messages that the host may let out.
std::span<const IcmpOptionType> IcmpErrorTypes();

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_MERGE_ICMP_OPTION_TYPES_H_
