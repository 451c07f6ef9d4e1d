// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_ADDRESS_SET_H_
#define FIREBREAK_POLICY_COMPILE_ADDRESS_SET_H_

#include <cstdint>
#include <vector>

#include "policy/compile/match.h"
#include "policy/compile/object_name.h"
#include "policy/compile/table.h"
#include "policy/resources/prefix.h"

namespace firebreak::policy {

// Expressions that match an address of one family against prefixes.
struct AddressMatch {
  uint8_t family = 0;  // NFPROTO_IPV4, NFPROTO_IPV6, or 0: both, with an empty match
  Match match;
};

// Returns matches for packets whose source (kInbound) or destination (kOutbound) is within one of
// the prefixes: one match for each family that has prefixes, or a single empty match if there are
// no prefixes. The caller must match the family itself. Several prefixes become a set named NAME/4
// or NAME/6.
std::vector<AddressMatch> WithinPrefixes(const std::vector<Prefix>& prefixes,
                                         const Direction& direction, const ObjectName& name,
                                         TableBuilder& table);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_ADDRESS_SET_H_
