// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_DIFFERENCE_CAUSE_LINES_H_
#define FIREBREAK_POLICY_DIFFERENCE_CAUSE_LINES_H_

#include <span>

#include "firebreak/v1/plan.pb.h"
#include "policy/resources/plan.h"

namespace firebreak::policy {

// Adds to each ruling of the plan the file and line of the mapping or policy that causes it, if
// these are in the files. Rulings after the change are looked up in `after`, rulings before it in
// `before`, which is empty if the old configuration has no files.
void PutCauseLines(std::span<const SourceFile> before, std::span<const SourceFile> after,
                   v1::Plan& plan);

// The same for the rulings that break invariants.
void PutCauseLines(std::span<const SourceFile> files, std::span<v1::Violation> violations);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_DIFFERENCE_CAUSE_LINES_H_
