#ifndef FIREBREAK_POLICY_RESOURCES_CHECK_REFERENCES_H_
#define FIREBREAK_POLICY_RESOURCES_CHECK_REFERENCES_H_

#include <string>

#include "policy/resources/check.h"

namespace firebreak::policy {

// Whether there is such a group. A host that is not there yet ("host:NAME") is a warning: files are
// written before hosts enrol, and restored before they do so again.
void CheckGroupReference(const std::string& reference, const FieldPath& path,
                         const References& references, Findings& findings);

// Whether there is such a location.
void CheckLocationReference(const std::string& location, const FieldPath& path,
                            const References& references, Findings& findings);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_CHECK_REFERENCES_H_
