// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_TRACE_FLOW_H_
#define FIREBREAK_POLICY_TRACE_FLOW_H_

#include <array>
#include <cstdint>
#include <optional>

#include "policy/ruleset/expression.h"

namespace firebreak::policy {

// One direction of a flow, in the form of conntrack's key (struct nf_conntrack_tuple).
struct Tuple {
  uint8_t family = 0;     // NFPROTO_IPV4, NFPROTO_IPV6
  ruleset::Bytes source;  // 4 or 16 bytes, network order
  ruleset::Bytes destination;
  uint8_t protocol = 0;  // IPPROTO_*
  // The ports; for GRE the keys of PPTP; for ICMP the identifier, in source_port; otherwise 0.
  uint16_t source_port = 0;
  uint16_t destination_port = 0;
  uint8_t icmp_type = 0;
  uint8_t icmp_code = 0;

  friend auto operator<=>(const Tuple&, const Tuple&) = default;
};

// Returns the direction of the answers, without NAT, or nullopt if nothing answers such a packet,
// as with most types of ICMP.
std::optional<Tuple> Inverse(const Tuple& tuple);

// One entry of the kernel's connection tracking.
struct Flow {
  Tuple original;
  Tuple reply;          // differs from the inverse of `original` only by NAT
  uint32_t status = 0;  // IPS_*
  // The state of TCP: TCP_CONNTRACK_*, and IP_CT_TCP_FLAG_* of either direction.
  uint8_t tcp_state = 0;
  std::array<uint8_t, 2> tcp_flags = {};
  // The direction of the last accepted TCP packet if that was a RST; the kernel does not report it.
  std::optional<uint8_t> reset_by;  // IP_CT_DIR_*
};

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_TRACE_FLOW_H_
