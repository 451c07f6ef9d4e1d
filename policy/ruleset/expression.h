// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RULESET_EXPRESSION_H_
#define FIREBREAK_POLICY_RULESET_EXPRESSION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace firebreak::ruleset {

// One small type per nf_tables expression, named as the kernel names it, its constants those of
// <linux/netfilter/nf_tables.h>. A rule is a program of these for the kernel's little machine of
// sixteen 32-bit registers; values stand in them as they stand in the packet, padded to a multiple
// of four bytes.

// Raw bytes: register contents, in the byte order in which the kernel compares them.
using Bytes = std::string;

// A 32-bit register, 0..15. (The kernel also has 128-bit names for every fourth of them.)
using Register = uint8_t;

struct Verdict {
  int32_t code = 0;   // NF_ACCEPT, NF_DROP, NFT_JUMP, NFT_GOTO, NFT_RETURN, NFT_CONTINUE
  std::string chain;  // of jump and goto

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
  // IP_CT_DIR_*, for keys that are about one direction of a flow.
  std::optional<uint8_t> direction = std::nullopt;
  friend auto operator<=>(const Ct&, const Ct&) = default;
};

// Ends the rule, without a match, when the packet is too short.
struct Payload {
  uint32_t base = 0;  // NFT_PAYLOAD_*
  uint32_t offset = 0;
  uint32_t length = 0;
  Register to = 0;
  friend auto operator<=>(const Payload&, const Payload&) = default;
};

// to = (from & mask) ^ exclusive_or
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

// Asks the routing table about the packet's source or destination address.
struct Fib {
  uint32_t flags = 0;   // NFTA_FIB_F_*
  uint32_t result = 0;  // NFT_FIB_RESULT_*
  Register to = 0;
  friend auto operator<=>(const Fib&, const Fib&) = default;
};

// In a map of verdicts, what is found becomes the verdict; in a map of data, it is stored. If
// nothing is found, the rule ends.
struct Lookup {
  std::string set;
  Register from = 0;
  bool verdict_map = false;
  bool inverted = false;
  std::optional<Register> to = std::nullopt;  // of a map of data
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

// Hands the packet to an object of the table, which has a name and so outlives the rule: a counter
// counts it, a helper or a set of timeouts is given to its flow.
struct ObjectReference {
  uint32_t type = 0;  // NFT_OBJECT_*
  std::string name;
  friend auto operator<=>(const ObjectReference&, const ObjectReference&) = default;
};

// Ends the rule for packets beyond the rate.
struct Limit {
  uint64_t packets = 0;  // in `seconds`
  uint32_t burst = 0;    // that may come at once
  uint64_t seconds = 1;  // 1, 60, 3600, 86400: the units that nft(8) knows
  friend auto operator<=>(const Limit&, const Limit&) = default;
};

// Ends the rule for packets of a flow with which there are more than so many at a time.
struct Connlimit {
  uint32_t count = 0;
  friend auto operator<=>(const Connlimit&, const Connlimit&) = default;
};

// Drops the packet and tells its sender.
struct Reject {
  uint32_t type = 0;  // NFT_REJECT_*
  uint8_t code = 0;   // of NFT_REJECT_ICMPX_UNREACH: NFT_REJECT_ICMPX_*
  friend auto operator<=>(const Reject&, const Reject&) = default;
};

// Copies the packet's beginning to a group of NFLOG.
struct Log {
  uint16_t group = 0;
  std::string prefix;            // at most NF_LOG_PREFIXLEN - 1 bytes
  uint32_t snap_length = 0;      // bytes of the packet
  uint16_t queue_threshold = 0;  // packets to a message
  friend auto operator<=>(const Log&, const Log&) = default;
};

// The packet's flow is not tracked.
struct Notrack {
  friend auto operator<=>(const Notrack&, const Notrack&) = default;
};

// Answers a SYN with a cookie, and connects to the service when the cookie comes back. Ends the
// packet's way; one that is neither goes on to the next rule.
struct Synproxy {
  uint16_t mss = 0;
  uint8_t window_scale = 0;
  uint32_t flags = 0;  // NF_SYNPROXY_OPT_*
  friend auto operator<=>(const Synproxy&, const Synproxy&) = default;
};

// Gives the flow another destination (or source) from registers, and accepts the packet.
struct Nat {
  uint32_t type = 0;   // NFT_NAT_DNAT, NFT_NAT_SNAT
  uint8_t family = 0;  // NFPROTO_IPV4, NFPROTO_IPV6
  std::optional<Register> address;
  std::optional<Register> port;
  friend auto operator<=>(const Nat&, const Nat&) = default;
};

// Another source: the address of the interface that the packet leaves by.
struct Masquerade {
  friend auto operator<=>(const Masquerade&, const Masquerade&) = default;
};

// Another destination: this host.
struct Redirect {
  std::optional<Register> port;
  friend auto operator<=>(const Redirect&, const Redirect&) = default;
};

// Puts a key into a set, or begins its timeout anew. A set that is full takes no more: the rule
// ends for a key that is not in it.
struct UpdateSet {
  std::string set;
  Register from = 0;
  uint64_t timeout_millis = 0;  // 0: until its flows are over, as its Connlimit counts them
  // At most one of the two: each key has one of its own, which then decides whether the rule goes
  // on.
  std::optional<Limit> limit = std::nullopt;
  std::optional<Connlimit> connlimit = std::nullopt;
  friend auto operator<=>(const UpdateSet&, const UpdateSet&) = default;
};

// Whether the packet has an IPv6 extension header of this type, one byte: 1 or 0.
struct Exthdr {
  uint8_t type = 0;  // IPPROTO_*
  Register to = 0;
  friend auto operator<=>(const Exthdr&, const Exthdr&) = default;
};

// What is known of the socket that the packet comes from. Of NFT_SOCKET_CGROUPV2: the number of the
// control group (cgroup v2) in which the socket was made, or of the one above that at the level,
// counted from the root, which has 0; eight bytes. Ends the rule for a packet without a socket, and
// if the socket's group is above the level.
struct Socket {
  uint32_t key = 0;    // NFT_SOCKET_*
  uint32_t level = 0;  // of NFT_SOCKET_CGROUPV2
  Register to = 0;
  friend auto operator<=>(const Socket&, const Socket&) = default;
};

// What the packet's route says. Of NFT_RT_TCPMSS: the largest TCP segment that fits into a packet
// on its way and on the way back, two bytes, in the host's order.
struct Rt {
  uint32_t key = 0;  // NFT_RT_*
  Register to = 0;
  friend auto operator<=>(const Rt&, const Rt&) = default;
};

// Changes numbers between the host's order of bytes and the network's.
struct Byteorder {
  Register from = 0;
  Register to = 0;
  uint32_t op = 0;      // NFT_BYTEORDER_*
  uint32_t length = 0;  // of all numbers, in bytes
  uint32_t size = 0;    // of one number, in bytes
  friend auto operator<=>(const Byteorder&, const Byteorder&) = default;
};

// Writes a register into an option of the TCP header, if the packet has that option. A maximum
// segment size is only ever lowered.
struct TcpOptionWrite {
  uint8_t type = 0;     // TCPOPT_*
  uint32_t offset = 0;  // from the option's beginning, in bytes
  uint32_t length = 0;  // in bytes
  Register from = 0;
  friend auto operator<=>(const TcpOptionWrite&, const TcpOptionWrite&) = default;
};

// Takes an option of this type out of the TCP header, if the packet has it: no-operation bytes
// stand in its place.
struct TcpOptionStrip {
  uint8_t type = 0;  // TCPOPT_*
  friend auto operator<=>(const TcpOptionStrip&, const TcpOptionStrip&) = default;
};

// Read back from the kernel, but never written by us.
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
