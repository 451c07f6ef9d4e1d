// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_KERNEL_CONNTRACK_FLOW_H_
#define FIREBREAK_AGENT_KERNEL_CONNTRACK_FLOW_H_

#include <cstdint>
#include <optional>
#include <string>

struct nlmsghdr;

namespace firebreak::agent {

// The addresses and ports that the packets of one direction of a flow carry.
struct FlowTuple {
  std::string source;  // 4 or 16 bytes, network order
  std::string destination;
  uint16_t source_port = 0;  // for protocols that have ports
  uint16_t destination_port = 0;
  uint16_t icmp_id = 0;
  uint8_t icmp_type = 0;
  uint8_t icmp_code = 0;

  friend bool operator==(const FlowTuple&, const FlowTuple&) = default;
};

// One entry of connection tracking (include/uapi/linux/netfilter/nfnetlink_conntrack.h).
struct Flow {
  uint8_t family = 0;    // AF_INET or AF_INET6
  uint8_t protocol = 0;  // IPPROTO_*
  FlowTuple original;    // of the packets in the direction of the first one
  FlowTuple reply;  // of the packets in the other direction, as they arrive, before NAT is undone
  uint16_t zone = 0;
  uint32_t id = 0;      // differs from those of later entries with the same tuples
  uint32_t status = 0;  // IPS_*
  uint32_t mark = 0;
  uint32_t timeout_seconds = 0;      // time until the entry is removed unless another packet comes
  std::optional<uint8_t> tcp_state;  // TCP_CONNTRACK_*
  // Flags (IP_CT_TCP_FLAG_*) that describe each direction of a TCP flow.
  uint8_t tcp_flags_original = 0, tcp_flags_reply = 0;
  // Counters of both directions; 0 unless net.netfilter.nf_conntrack_acct is on.
  uint64_t original_packets = 0, original_bytes = 0, reply_packets = 0, reply_bytes = 0;

  friend bool operator==(const Flow&, const Flow&) = default;
};

// Returns nullopt if the message does not contain a complete flow.
std::optional<Flow> ReadFlow(const nlmsghdr& message);

// Appends the attribute CTA_TUPLE_ORIG or CTA_TUPLE_REPLY. The message's buffer has room for
// kTupleBytes more.
inline constexpr size_t kTupleBytes = 128;
void PutOriginal(const Flow& flow, nlmsghdr& message);
void PutReply(const Flow& flow, nlmsghdr& message);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_CONNTRACK_FLOW_H_
