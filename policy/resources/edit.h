// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_EDIT_H_
#define FIREBREAK_POLICY_RESOURCES_EDIT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "firebreak/v1/resources.pb.h"
#include "policy/resources/configuration.h"

namespace firebreak::policy {

// Returns a name such as "edit-12". The name of an edit stands where a policy's name is expected,
// so no policy may have such a name. The functions for edits are pure.
std::string EditName(uint64_t number);

// Returns the number in such a name, or 0 if the text is not such a name.
uint64_t EditNumber(absl::string_view name);

// Whether `a` has precedence over `b`: a host over a group, an interface over all interfaces, a
// location over any location, and otherwise the newest. Edits with the same number, which checks
// refuse, have no order.
bool Outranks(const v1::Edit& a, const v1::Edit& b);

// Whether only the numbers decide which of the two has precedence.
bool SameRank(const v1::Edit& a, const v1::Edit& b);

// Whether both edits are for the same group, interface and location.
bool SameScope(const v1::Edit& a, const v1::Edit& b);

// Returns all edits, by descending precedence. They live as long as the configuration.
std::vector<const v1::Edit*> EditsOf(const Configuration& configuration);

// Returns the policy that has the edit's effect, under the edit's name.
v1::Policy PolicyOf(const v1::Edit& edit);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_EDIT_H_
