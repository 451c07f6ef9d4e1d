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

// Which prefixes an address of one family is within.
struct AddressMatch {
  uint8_t family = 0;  // NFPROTO_IPV4, NFPROTO_IPV6; 0: both, as there is nothing to look at
  Match match;
};

// What tells that the source (kInbound) or the destination (kOutbound) is within one of the
// prefixes: nothing to look at if there are none, else one match for each family that has any. The
// family itself is for the caller to ask. Several prefixes become a set named NAME/4 or NAME/6.
std::vector<AddressMatch> WithinPrefixes(const std::vector<Prefix>& prefixes,
                                         const Direction& direction, const ObjectName& name,
                                         TableBuilder& table);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_ADDRESS_SET_H_
