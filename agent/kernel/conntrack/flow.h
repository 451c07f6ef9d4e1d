#ifndef FIREBREAK_AGENT_KERNEL_CONNTRACK_FLOW_H_
#define FIREBREAK_AGENT_KERNEL_CONNTRACK_FLOW_H_

#include <cstdint>
#include <optional>
#include <string>

struct nlmsghdr;

namespace firebreak::agent {

// One direction of a flow, by what its packets carry.
struct FlowTuple {
  std::string source;  // 4 or 16 bytes, network order
  std::string destination;
  uint16_t source_port = 0;  // of protocols that have ports
  uint16_t destination_port = 0;
  uint16_t icmp_id = 0;
  uint8_t icmp_type = 0;
  uint8_t icmp_code = 0;

  friend bool operator==(const FlowTuple&, const FlowTuple&) = default;
};

// One entry of connection tracking (include/uapi/linux/netfilter/nfnetlink_conntrack.h).
struct Flow {
  uint8_t family = 0;    // AF_INET, AF_INET6
  uint8_t protocol = 0;  // IPPROTO_*
  FlowTuple original;    // of the packet that began it
  FlowTuple reply;       // of what comes back, NAT undone
  uint16_t zone = 0;
  uint32_t id = 0;      // of this entry: a later one with the same tuples has another
  uint32_t status = 0;  // IPS_*
  uint32_t mark = 0;
  uint32_t timeout_seconds = 0;      // until it is forgotten if nothing more comes
  std::optional<uint8_t> tcp_state;  // TCP_CONNTRACK_*
  // IP_CT_TCP_FLAG_*, of what either side has sent.
  uint8_t tcp_flags_original = 0, tcp_flags_reply = 0;
  // Both directions; 0 unless net.netfilter.nf_conntrack_acct is on.
  uint64_t original_packets = 0, original_bytes = 0, reply_packets = 0, reply_bytes = 0;

  friend bool operator==(const Flow&, const Flow&) = default;
};

// None if the message is not a whole flow.
std::optional<Flow> ReadFlow(const nlmsghdr& message);

// Appends the attribute CTA_TUPLE_ORIG or CTA_TUPLE_REPLY. The message's buffer has room for
// kTupleBytes more.
inline constexpr size_t kTupleBytes = 128;
void PutOriginal(const Flow& flow, nlmsghdr& message);
void PutReply(const Flow& flow, nlmsghdr& message);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_CONNTRACK_FLOW_H_
