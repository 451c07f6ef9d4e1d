// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_CHECK_FORWARDING_H_
#define FIREBREAK_POLICY_RESOURCES_CHECK_FORWARDING_H_

#include <cstddef>

#include "absl/strings/string_view.h"
#include "firebreak/v1/resources.pb.h"
#include "policy/resources/check.h"

namespace firebreak::policy {

// Checks a policy's `forward`. Returns the number of pairs of ports and prefixes in its rules,
// which is their cost.
size_t CheckForwarding(const v1::Forwarding& forwarding, const FieldPath& path,
                       const References& references, Findings& findings);

// Checks names and types of interfaces, of which there must be at least one. `what` names what
// matches by them in messages: "the section".
void CheckInterfaceMatch(const v1::InterfaceMatch& match, absl::string_view what,
                         const FieldPath& path, Findings& findings);

// Checks that a mapping outside `forward` has no field that only rules of `forward` may have.
void CheckNotForwarding(const v1::PortMapping& mapping, const FieldPath& path, Findings& findings);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_CHECK_FORWARDING_H_
