// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_FORWARDED_H_
#define FIREBREAK_POLICY_COMPILE_FORWARDED_H_

#include "policy/compile/dispatch.h"
#include "policy/compile/table.h"

namespace firebreak::policy {

// The chain of the hook for what this host forwards, whoever has made it forward. Behind
// AddSharing.
//
//   established flows, frames that a bridge switches           pass
//   private interfaces of sharing                              their chains
//   forward/LOCATION, forward/LOCATION/sN, by the interface that a packet comes in by:
//     sources that cannot be; related; invalid; no lone SYN
//     another destination than at first → SCOPE/published      the mappings of that interface, as
//     if
//                                                              it were for this host
//     SCOPE/rule/POLICY/NAME                                   the rules of `forward`
//     its default; none: what comes from guests and VPNs passes
void AddForwardChain(const Subject& subject, TableBuilder& table);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_FORWARDED_H_
