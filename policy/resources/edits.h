// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_EDITS_H_
#define FIREBREAK_POLICY_RESOURCES_EDITS_H_

#include <cstdint>
#include <set>
#include <string>

#include "absl/strings/string_view.h"
#include "firebreak/v1/resources.pb.h"
#include "policy/resources/plan.h"

namespace firebreak::policy {

// Plans changes that the CLI's verbs make. Each change is a resource of its own, an Edit, so that
// it is shown, audited and undone like any other resource. The proto of Edit explains the
// precedence of edits.

// The target of an edit: exactly one of host and group is set.
struct EditTarget {
  std::string host;
  std::string group;
  std::string location = {};  // empty: any location
};

// The input for planning an edit.
struct EditContext {
  const Configuration& current;
  const std::set<std::string>& hosts;  // hosts that have enrolled
  uint64_t revision;                   // the revision that the change would make
  int64_t now = 0;                     // seconds since 1970; new mappings must expire later
};

// Sets the firewall mode for the target, on one interface (a name, or a prefix with "*") or on all,
// replacing the switch with the same scope. Setting the same mode again changes nothing, unless a
// newer switch of equal rank may contradict it.
Plan PlanSwitch(const EditContext& context, const EditTarget& target,
                absl::string_view interface_name, v1::Firewall::Mode mode);

// Removes the target's switches; with an interface or location, only the switches for exactly that
// one. Changes nothing if there is none.
Plan PlanClearSwitches(const EditContext& context, const EditTarget& target,
                       absl::string_view interface_name);

// Adds a mapping. Adding an existing mapping changes nothing. A different mapping with the same
// name for the same target and interface is refused.
Plan PlanAddMapping(const EditContext& context, const EditTarget& target,
                    absl::string_view interface_name, const v1::PortMapping& mapping);

// Removes a mapping by the name that `mapping list` shows.
Plan PlanRemoveMapping(const EditContext& context, const EditTarget& target,
                       absl::string_view interface_name, absl::string_view name);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_EDITS_H_
