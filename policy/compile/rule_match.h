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

// Whether rules look at the packet as it is, or at the flow's first packet before its destination
// was changed, as conntrack remembers it.
struct View {
  bool original = false;
  const Direction* direction = &kInbound;

  // Loads protocol and port into the registers 0 and 1.
  Match Port() const;
  // Loads the remote address into the registers from 0 on. Changing the destination leaves the
  // source alone, so it is always the packet's own.
  Match Remote(uint8_t family) const;
};

// One of the ways in which a mapping can cover a packet.
struct Alternative {
  uint8_t protocol = 0;  // IPPROTO_*; 0: any
  uint8_t family = 0;    // NFPROTO_*; 0: either
  Match match;
};

// Returns alternatives of which exactly one matches each packet that the mapping covers, and none
// matches any other packet. They look at everything that the mapping says about a packet and its
// sender, except limits, `in` and `out`. Lists are put into sets of the table below the name SETS,
// which all views share. The result is empty if the mapping can cover nothing on this host.
std::vector<Alternative> AlternativesOf(const v1::Mapping& mapping, const View& view,
                                        const ObjectName& sets, TableBuilder& table);

// Returns the number of expressions and elements that the alternatives need.
size_t CostOf(const v1::Mapping& mapping);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_RULE_MATCH_H_
