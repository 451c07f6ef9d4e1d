// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_CHECK_FORWARDING_H_
#define FIREBREAK_POLICY_RESOURCES_CHECK_FORWARDING_H_

#include <cstddef>

#include "absl/strings/string_view.h"
#include "firebreak/v1/resources.pb.h"
#include "policy/resources/check.h"

namespace firebreak::policy {

// Whether a policy's `forward` means something. Returns how many pairs of ports and prefixes its
// rules come to, which is what enforcing them costs.
size_t CheckForwarding(const v1::Forwarding& forwarding, const FieldPath& path,
                       const References& references, Findings& findings);

// Names and types of interfaces, of which there must be some. `what` is what matches by them: "the
// section".
void CheckInterfaceMatch(const v1::InterfaceMatch& match, absl::string_view what,
                         const FieldPath& path, Findings& findings);

// That a mapping of another list says nothing that only rules of `forward` may say.
void CheckNotForwarding(const v1::PortMapping& mapping, const FieldPath& path, Findings& findings);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_CHECK_FORWARDING_H_
