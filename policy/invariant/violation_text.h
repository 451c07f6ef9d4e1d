// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_INVARIANT_VIOLATION_TEXT_H_
#define FIREBREAK_POLICY_INVARIANT_VIOLATION_TEXT_H_

#include <string>

#include "firebreak/v1/plan.pb.h"

namespace firebreak::policy {

// Returns one line, such as "Invariant/no-telnet (…) does not hold on web-1 and 11 others,
// elsewhere, eth0: tcp/23 from 192.0.2.1 must be blocked and would be admitted: mapping all of
// policy web". The mapping's file and line are not included.
std::string ViolationText(const v1::Violation& violation);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_INVARIANT_VIOLATION_TEXT_H_
