// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_DIFFERENCE_FORWARD_CHANGES_H_
#define FIREBREAK_POLICY_DIFFERENCE_FORWARD_CHANGES_H_

#include <vector>

#include "firebreak/v1/plan.pb.h"
#include "policy/merge/profile.h"

namespace firebreak::policy {

// Returns the changes for packets that the host routes between interfaces: the default action, and
// the rules that only one profile has. The changes are described rule by rule and not as boxes,
// because a box is about one interface and one remote address.
std::vector<v1::SettingChange> ForwardChanges(const Profile& before, const Profile& after);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_DIFFERENCE_FORWARD_CHANGES_H_
