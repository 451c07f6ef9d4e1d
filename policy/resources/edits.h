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

// Changes by verb. Each is a resource of its own, an Edit, so that it is seen, audited and undone
// like any other; see there how edits stand to policies and to each other.

// Whom an edit is for: exactly one of host and group is set.
struct EditTarget {
  std::string host;
  std::string group;
  std::string location = {};  // at which; empty: any
};

// What the planning of an edit works with.
struct EditContext {
  const Configuration& current;
  const std::set<std::string>& hosts;  // that have enrolled
  uint64_t revision;                   // that the change would make
  int64_t now = 0;                     // seconds since 1970, by which nothing new may have expired
};

// Sets the firewall for the target, for one interface (its name, or its beginning and "*") or for
// all, in place of the switch with the same scope. The same again changes nothing, unless a newer
// switch of equal rank may stand against it.
Plan PlanSwitch(const EditContext& context, const EditTarget& target,
                absl::string_view interface_name, v1::Firewall::Mode mode);

// Ends the target's switches: with an interface or a location only those for exactly that one.
// Changes nothing if there is none.
Plan PlanClearSwitches(const EditContext& context, const EditTarget& target,
                       absl::string_view interface_name);

// Adds a mapping. Adding what is there already changes nothing; another mapping of the same name
// for the same target and interface is refused.
Plan PlanAddMapping(const EditContext& context, const EditTarget& target,
                    absl::string_view interface_name, const v1::PortMapping& mapping);

// `name` as `mapping list` shows it.
Plan PlanRemoveMapping(const EditContext& context, const EditTarget& target,
                       absl::string_view interface_name, absl::string_view name);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_EDITS_H_
