// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_DIFFERENCE_CAUSE_LINES_H_
#define FIREBREAK_POLICY_DIFFERENCE_CAUSE_LINES_H_

#include <span>

#include "firebreak/v1/plan.pb.h"
#include "policy/resources/plan.h"

namespace firebreak::policy {

// Says of each ruling where in the files the mapping or the policy behind it stands, if it stands
// there. The rulings after the change come from `after`; those before it from `before`, if the old
// configuration is there as files.
void PutCauseLines(std::span<const SourceFile> before, std::span<const SourceFile> after,
                   v1::Plan& plan);

// The same of what decides about the packets for which invariants do not hold.
void PutCauseLines(std::span<const SourceFile> files, std::span<v1::Violation> violations);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_DIFFERENCE_CAUSE_LINES_H_
