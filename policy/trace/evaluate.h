#ifndef FIREBREAK_POLICY_TRACE_EVALUATE_H_
#define FIREBREAK_POLICY_TRACE_EVALUATE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "policy/ruleset/ruleset.h"

namespace firebreak::policy {

// A packet as nf_tables sees it at a hook.
struct Packet {
  struct Device {
    uint32_t index = 0;
    std::string name;
    uint16_t type = 0;  // ARPHRD_*
  };

  uint8_t family = 0;         // NFPROTO_IPV4, NFPROTO_IPV6
  uint8_t protocol = 0;       // IPPROTO_*, behind IPv6 extension headers
  ruleset::Bytes network;     // from the IP header on
  ruleset::Bytes transport;   // from the header behind it on
  std::optional<Device> in;   // none for what the host sends
  std::optional<Device> out;  // none for what it receives
  uint32_t state = 0;         // NF_CT_STATE_BIT of conntrack's state, or NF_CT_STATE_UNTRACKED_BIT
};

// Why a packet is accepted or dropped: the last of the steps decided.
struct Decision {
  // A rule whose matches all held. `element` is the map's, if one gave the verdict.
  struct Step {
    std::string chain;
    size_t rule = 0;
    std::string map;
    std::optional<ruleset::Element> element;
  };

  bool accepted = false;
  std::vector<Step> steps;
  bool by_policy = false;  // no rule decided, the base chain's policy did
};

// What the kernel does with the packet at the base chain, by running the very expressions that it
// runs. The elements of dynamic sets count as they stand in `table`.
Decision Evaluate(const ruleset::Table& table, const std::string& base_chain, const Packet& packet);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_TRACE_EVALUATE_H_
