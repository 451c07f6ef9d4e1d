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

  // What the chain did beside, or instead.
  bool stolen = false;     // the kernel answers by itself (synproxy): it goes no further
  bool untracked = false;  // conntrack is not to see it
  std::optional<Translation> translation;  // of its flow
  // Keys that it put into sets.
  struct Update {
    std::string set;
    ruleset::Bytes key;
  };
  std::vector<Update> updates;
};

// What the kernel does with the packet at the base chain, by running the very expressions that it
// runs. The elements of dynamic sets count as they stand in `table`; a limit counts as not reached.
// `host` answers what is asked of the routing tables and of addresses.
Decision Evaluate(const ruleset::Table& table, const std::string& base_chain, const Packet& packet,
                  const HostState& host = {});

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_TRACE_EVALUATE_H_
