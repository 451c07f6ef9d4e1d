// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_DIFFERENCE_FORWARD_CHANGES_H_
#define FIREBREAK_POLICY_DIFFERENCE_FORWARD_CHANGES_H_

#include <vector>

#include "firebreak/v1/plan.pb.h"
#include "policy/merge/profile.h"

namespace firebreak::policy {

// What changes about packets that a host routes from one interface to another: their default, and
// the rules that only one of the profiles has. Such packets are told by the rules, not by boxes: a
// box is about one interface, and has one address in it.
std::vector<v1::SettingChange> ForwardChanges(const Profile& before, const Profile& after);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_DIFFERENCE_FORWARD_CHANGES_H_
