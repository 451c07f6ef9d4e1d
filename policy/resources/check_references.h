// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_CHECK_REFERENCES_H_
#define FIREBREAK_POLICY_RESOURCES_CHECK_REFERENCES_H_

#include <string>

#include "policy/resources/check.h"

namespace firebreak::policy {

// Checks that the group exists. A missing host ("host:NAME") is only a warning, because files are
// written before hosts enrol and are restored before hosts enrol again.
void CheckGroupReference(const std::string& reference, const FieldPath& path,
                         const References& references, Findings& findings);

// Checks that the location exists.
void CheckLocationReference(const std::string& location, const FieldPath& path,
                            const References& references, Findings& findings);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_CHECK_REFERENCES_H_
