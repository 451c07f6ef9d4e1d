#ifndef FIREBREAK_POLICY_TRACE_FLOW_H_
#define FIREBREAK_POLICY_TRACE_FLOW_H_

#include <array>
#include <cstdint>
#include <optional>

#include "policy/ruleset/expression.h"

namespace firebreak::policy {

// One direction of a flow, as conntrack keys it (struct nf_conntrack_tuple).
struct Tuple {
  uint8_t family = 0;     // NFPROTO_IPV4, NFPROTO_IPV6
  ruleset::Bytes source;  // 4 or 16 bytes, network order
  ruleset::Bytes destination;
  uint8_t protocol = 0;  // IPPROTO_*
  // Ports; of GRE the keys of PPTP, of others 0. Of ICMP the source is the identifier.
  uint16_t source_port = 0;
  uint16_t destination_port = 0;
  uint8_t icmp_type = 0;
  uint8_t icmp_code = 0;

  friend auto operator<=>(const Tuple&, const Tuple&) = default;
};

// The direction that answers take, NAT aside. None: nothing answers such a packet, as is so of most
// types of ICMP.
std::optional<Tuple> Inverse(const Tuple& tuple);

// One entry of the kernel's connection tracking.
struct Flow {
  Tuple original;
  Tuple reply;          // differs from the inverse of `original` by what NAT changes
  uint32_t status = 0;  // IPS_*
  // Of TCP: TCP_CONNTRACK_*, and IP_CT_TCP_FLAG_* of either direction.
  uint8_t tcp_state = 0;
  std::array<uint8_t, 2> tcp_flags = {};
  // Of TCP, which the kernel does not tell: the last packet that it took was a RST from here.
  std::optional<uint8_t> reset_by;  // IP_CT_DIR_*
};

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_TRACE_FLOW_H_
