// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_RULE_MATCH_H_
#define FIREBREAK_POLICY_COMPILE_RULE_MATCH_H_

#include <cstdint>
#include <vector>

#include "firebreak/v1/effective.pb.h"
#include "policy/compile/match.h"
#include "policy/compile/object_name.h"
#include "policy/compile/table.h"

namespace firebreak::policy {

// What rules look at: the packet as it is, or what conntrack remembers of its flow's first one,
// before its destination was changed.
struct View {
  bool original = false;
  const Direction* direction = &kInbound;

  // Protocol and port, in the registers 0 and 1.
  Match Port() const;
  // The address, in those from 0 on. Whoever changed the destination has not changed the source.
  Match Remote(uint8_t family) const;
};

// One of the ways in which a packet can be covered by a mapping.
struct Alternative {
  uint8_t protocol = 0;  // IPPROTO_*; 0: any
  uint8_t family = 0;    // NFPROTO_*; 0: either
  Match match;
};

// A packet is covered by the mapping if and only if one of the alternatives matches it; no packet
// matches two. They look at everything that the mapping says about a packet and its sender: not at
// limits, and not at `in` and `out`. Lists stand in sets of the table below the name SETS; the same
// sets serve every view. None: on this host nothing can be covered.
std::vector<Alternative> AlternativesOf(const v1::Mapping& mapping, const View& view,
                                        const ObjectName& sets, TableBuilder& table);

// How many expressions and elements that comes to.
size_t CostOf(const v1::Mapping& mapping);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_RULE_MATCH_H_
