// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_FORWARDED_H_
#define FIREBREAK_POLICY_COMPILE_FORWARDED_H_

#include "policy/compile/dispatch.h"
#include "policy/compile/table.h"

namespace firebreak::policy {

// Adds the chain at the hook for packets that this host forwards, for whatever reason. Call it
// after AddSharing.
//
//   established flows, frames that a bridge switches       accepted
//   packets from private interfaces of sharing: back to their own network, or redirected before,
//     accepted; to anywhere else by the rules of `forward`, if there are any, and then by `sharing`
//   forward/LOCATION, forward/LOCATION/sN, by incoming interface:
//     impossible sources; related; invalid; no lone SYN
//     destination has been changed → SCOPE/published       the mappings of the incoming interface,
//                                                          as if the packet were for this host
//     SCOPE/rule/POLICY/NAME                               the rules of `forward`
//     the default of `forward`; if none is set, packets from guests and VPNs are accepted
void AddForwardChain(const Subject& subject, TableBuilder& table);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_FORWARDED_H_
