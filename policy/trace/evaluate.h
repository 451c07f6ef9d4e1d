// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_TRACE_EVALUATE_H_
#define FIREBREAK_POLICY_TRACE_EVALUATE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "policy/ruleset/ruleset.h"
#include "policy/trace/host_state.h"
#include "policy/trace/packet.h"

namespace firebreak::policy {

// How a packet was accepted or dropped. The last of the steps decided.
struct Decision {
  // A rule that matched. `element` is set if a map's element gave the verdict.
  struct Step {
    std::string chain;
    size_t rule = 0;
    std::string map;
    std::optional<ruleset::Element> element;
  };

  bool accepted = false;
  std::vector<Step> steps;
  bool by_policy = false;  // no rule decided, the base chain's policy did

  // Other effects of the chain.
  bool stolen = false;     // the kernel answers itself (synproxy); the packet ends here
  bool untracked = false;  // conntrack must not see the packet
  std::optional<Translation> translation;  // of the packet's flow
  // A key that the chain put into a set.
  struct Update {
    std::string set;
    ruleset::Bytes key;
  };
  std::vector<Update> updates;
};

// Returns what the kernel does with the packet at the base chain, by interpreting the same
// expressions. Elements of dynamic sets are those in `table`; limits count as not exceeded. `host`
// answers questions about routes and addresses.
Decision Evaluate(const ruleset::Table& table, const std::string& base_chain, const Packet& packet,
                  const HostState& host = {});

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_TRACE_EVALUATE_H_
