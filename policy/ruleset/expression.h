#ifndef FIREBREAK_POLICY_RULESET_EXPRESSION_H_
#define FIREBREAK_POLICY_RULESET_EXPRESSION_H_

#include <cstdint>
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

// Of a map of verdicts: what is found becomes the verdict. Nothing found: the rule ends.
struct Lookup {
  std::string set;
  Register from = 0;
  bool verdict_map = false;
  bool inverted = false;
  friend auto operator<=>(const Lookup&, const Lookup&) = default;
};

struct Immediate {
  Verdict verdict;
  friend auto operator<=>(const Immediate&, const Immediate&) = default;
};

// Counts the packet in a counter that has a name, and so outlives the rule.
struct CounterReference {
  std::string name;
  friend auto operator<=>(const CounterReference&, const CounterReference&) = default;
};

// Read back from the kernel, but never written by us.
struct Foreign {
  std::string name;
  friend auto operator<=>(const Foreign&, const Foreign&) = default;
};

using Expression =
    std::variant<Meta, Ct, Payload, Bitwise, Cmp, Lookup, Immediate, CounterReference, Foreign>;

}  // namespace firebreak::ruleset

#endif  // FIREBREAK_POLICY_RULESET_EXPRESSION_H_
