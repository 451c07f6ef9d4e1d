// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RULESET_EXPRESSION_H_
#define FIREBREAK_POLICY_RULESET_EXPRESSION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace firebreak::ruleset {

// One small type for each nf_tables expression, named as in the kernel, with the constants of
// <linux/netfilter/nf_tables.h>. A rule is a program of these for the kernel's virtual machine with
// sixteen 32-bit registers. Values are in registers as they are in the packet, padded to a multiple
// of four bytes.

// Raw bytes: register contents, in the byte order in which the kernel compares them.
using Bytes = std::string;

// A 32-bit register, 0..15. (The kernel also has 128-bit names for groups of four.)
using Register = uint8_t;

struct Verdict {
  int32_t code = 0;   // NF_ACCEPT, NF_DROP, NFT_JUMP, NFT_GOTO, NFT_RETURN, NFT_CONTINUE
  std::string chain;  // the target of jump and goto

  friend auto operator<=>(const Verdict&, const Verdict&) = default;
};

struct Meta {
  uint32_t key = 0;  // NFT_META_*
  Register to = 0;
  friend auto operator<=>(const Meta&, const Meta&) = default;
};

struct Ct {
  uint32_t key = 0;  // NFT_CT_*
  Register to = 0;
  // IP_CT_DIR_*, only for keys about one direction of a flow.
  std::optional<uint8_t> direction = std::nullopt;
  friend auto operator<=>(const Ct&, const Ct&) = default;
};

// Ends the rule without a match if the packet is too short.
struct Payload {
  uint32_t base = 0;  // NFT_PAYLOAD_*
  uint32_t offset = 0;
  uint32_t length = 0;
  Register to = 0;
  friend auto operator<=>(const Payload&, const Payload&) = default;
};

// Computes to = (from & mask) ^ exclusive_or.
struct Bitwise {
  Register from = 0;
  Register to = 0;
  Bytes mask;
  Bytes exclusive_or;
  friend auto operator<=>(const Bitwise&, const Bitwise&) = default;
};

struct Cmp {
  Register from = 0;
  uint32_t op = 0;  // NFT_CMP_*
  Bytes value;
  friend auto operator<=>(const Cmp&, const Cmp&) = default;
};

// Looks up the packet's source or destination address in the routing table.
struct Fib {
  uint32_t flags = 0;   // NFTA_FIB_F_*
  uint32_t result = 0;  // NFT_FIB_RESULT_*
  Register to = 0;
  friend auto operator<=>(const Fib&, const Fib&) = default;
};

// Looks a key up in a set or map. In a verdict map, the found verdict takes effect; in a data map,
// the found data are stored. If nothing is found, the rule ends.
struct Lookup {
  std::string set;
  Register from = 0;
  bool verdict_map = false;
  bool inverted = false;
  std::optional<Register> to = std::nullopt;  // only for a data map
  friend auto operator<=>(const Lookup&, const Lookup&) = default;
};

struct Immediate {
  Verdict verdict;
  friend auto operator<=>(const Immediate&, const Immediate&) = default;
};

struct ImmediateData {
  Register to = 0;
  Bytes value;
  friend auto operator<=>(const ImmediateData&, const ImmediateData&) = default;
};

// Applies a named object of the table to the packet: a counter counts it, a helper or a timeout is
// attached to its flow. The object outlives the rule.
struct ObjectReference {
  uint32_t type = 0;  // NFT_OBJECT_*
  std::string name;
  friend auto operator<=>(const ObjectReference&, const ObjectReference&) = default;
};

// Ends the rule for packets beyond the rate.
struct Limit {
  uint64_t packets = 0;  // in each `seconds`
  uint32_t burst = 0;    // how many may come at once
  uint64_t seconds = 1;  // 1, 60, 3600, 86400: the units that nft(8) knows
  friend auto operator<=>(const Limit&, const Limit&) = default;
};

// Ends the rule for packets of flows beyond `count` simultaneous flows.
struct Connlimit {
  uint32_t count = 0;
  friend auto operator<=>(const Connlimit&, const Connlimit&) = default;
};

// Drops the packet and tells its sender.
struct Reject {
  uint32_t type = 0;  // NFT_REJECT_*
  uint8_t code = 0;   // NFT_REJECT_ICMPX_*, for NFT_REJECT_ICMPX_UNREACH
  friend auto operator<=>(const Reject&, const Reject&) = default;
};

// Copies the beginning of the packet to an NFLOG group.
struct Log {
  uint16_t group = 0;
  std::string prefix;            // at most NF_LOG_PREFIXLEN - 1 bytes
  uint32_t snap_length = 0;      // bytes of the packet
  uint16_t queue_threshold = 0;  // packets in a message
  friend auto operator<=>(const Log&, const Log&) = default;
};

// Excludes the packet from connection tracking.
struct Notrack {
  friend auto operator<=>(const Notrack&, const Notrack&) = default;
};

// Answers a SYN with a cookie, and connects to the service when the cookie comes back. These
// packets end here; all others go on to the next rule.
struct Synproxy {
  uint16_t mss = 0;
  uint8_t window_scale = 0;
  uint32_t flags = 0;  // NF_SYNPROXY_OPT_*
  friend auto operator<=>(const Synproxy&, const Synproxy&) = default;
};

// Changes the flow's destination (or source) to the registers' values, and accepts the packet.
struct Nat {
  uint32_t type = 0;   // NFT_NAT_DNAT, NFT_NAT_SNAT
  uint8_t family = 0;  // NFPROTO_IPV4, NFPROTO_IPV6
  std::optional<Register> address;
  std::optional<Register> port;
  friend auto operator<=>(const Nat&, const Nat&) = default;
};

// Changes the flow's source to the address of the outgoing interface.
struct Masquerade {
  friend auto operator<=>(const Masquerade&, const Masquerade&) = default;
};

// Changes the flow's destination to this host.
struct Redirect {
  std::optional<Register> port;
  friend auto operator<=>(const Redirect&, const Redirect&) = default;
};

// Puts a key into a set, or restarts its timeout. If the set is full, the rule ends for a key that
// is not in it.
struct UpdateSet {
  std::string set;
  Register from = 0;
  uint64_t timeout_millis = 0;  // 0: until the flows counted by Connlimit end
  // At most one of the two. Each key has its own limit, which decides whether the rule goes on.
  std::optional<Limit> limit = std::nullopt;
  std::optional<Connlimit> connlimit = std::nullopt;
  friend auto operator<=>(const UpdateSet&, const UpdateSet&) = default;
};

// Stores one byte: 1 if the packet has an IPv6 extension header of this type, else 0.
struct Exthdr {
  uint8_t type = 0;  // IPPROTO_*
  Register to = 0;
  friend auto operator<=>(const Exthdr&, const Exthdr&) = default;
};

// Loads a property of the socket that the packet comes from. NFT_SOCKET_CGROUPV2 loads eight bytes:
// the number of the control group (cgroup v2) in which the socket was made, or of that group's
// ancestor at `level`, where the root has level 0. Ends the rule if the packet has no socket, or if
// the socket's group is above the level.
struct Socket {
  uint32_t key = 0;    // NFT_SOCKET_*
  uint32_t level = 0;  // only for NFT_SOCKET_CGROUPV2
  Register to = 0;
  friend auto operator<=>(const Socket&, const Socket&) = default;
};

// Loads a property of the packet's route. NFT_RT_TCPMSS loads two bytes in host order: the largest
// TCP segment that fits into a packet in both directions.
struct Rt {
  uint32_t key = 0;  // NFT_RT_*
  Register to = 0;
  friend auto operator<=>(const Rt&, const Rt&) = default;
};

// Converts numbers between host and network byte order.
struct Byteorder {
  Register from = 0;
  Register to = 0;
  uint32_t op = 0;      // NFT_BYTEORDER_*
  uint32_t length = 0;  // of all numbers, in bytes
  uint32_t size = 0;    // of one number, in bytes
  friend auto operator<=>(const Byteorder&, const Byteorder&) = default;
};

// Writes a register into an option of the TCP header, if the packet has the option. A maximum
// segment size is only ever lowered.
struct TcpOptionWrite {
  uint8_t type = 0;     // TCPOPT_*
  uint32_t offset = 0;  // from the option's beginning, in bytes
  uint32_t length = 0;  // in bytes
  Register from = 0;
  friend auto operator<=>(const TcpOptionWrite&, const TcpOptionWrite&) = default;
};

// Removes an option of this type from the TCP header, if the packet has it, by overwriting it with
// no-operations.
struct TcpOptionStrip {
  uint8_t type = 0;  // TCPOPT_*
  friend auto operator<=>(const TcpOptionStrip&, const TcpOptionStrip&) = default;
};

// An expression read back from the kernel that we never write.
struct Foreign {
  std::string name;
  friend auto operator<=>(const Foreign&, const Foreign&) = default;
};

using Expression = std::variant<Meta, Ct, Payload, Bitwise, Cmp, Fib, Lookup, Immediate,
                                ImmediateData, ObjectReference, Limit, Connlimit, Reject, Log,
                                Notrack, Synproxy, Nat, Masquerade, Redirect, UpdateSet, Exthdr,
                                Socket, Rt, Byteorder, TcpOptionWrite, TcpOptionStrip, Foreign>;

}  // namespace firebreak::ruleset

#endif  // FIREBREAK_POLICY_RULESET_EXPRESSION_H_
