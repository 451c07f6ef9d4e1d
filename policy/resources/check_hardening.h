// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_CHECK_HARDENING_H_
#define FIREBREAK_POLICY_RESOURCES_CHECK_HARDENING_H_

#include "firebreak/v1/resources.pb.h"
#include "policy/resources/findings.h"

namespace firebreak::policy {

// Checks `hardening` of a policy or, with `of_interface`, of one of its sections, which may set
// only what belongs to an interface. `parent` is the path of the policy or section.
void CheckHardening(const v1::Hardening& hardening, const FieldPath& parent, bool of_interface,
                    Findings& findings);

// Warns if the policy's hardening contradicts what its other fields need. The other fields win.
void WarnOfContradictions(const v1::Policy& policy, Findings& findings);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_CHECK_HARDENING_H_
