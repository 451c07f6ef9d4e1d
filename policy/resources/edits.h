#ifndef FIREBREAK_POLICY_RESOURCES_EDITS_H_
#define FIREBREAK_POLICY_RESOURCES_EDITS_H_

#include <set>
#include <string>

#include "absl/strings/string_view.h"
#include "firebreak/v1/resources.pb.h"
#include "policy/resources/plan.h"

namespace firebreak::policy {

// Edits by verb, kept as ordinary policies above those that people write, so that they are seen,
// audited and undone like any other.

// What is said of one host wins over what is said of a group, which has two less; and what is said
// of one location over what is said of all, which has one less.
inline constexpr int kSwitchPriority = 1'000'000;
inline constexpr int kMappingsPriority = 900'000;

// Whom an edit is for: exactly one of host and group is set.
struct EditTarget {
  std::string host;
  std::string group;
  std::string location = {};  // at which; empty: all
};

// Sets the firewall in the policy switch-host-HOST or switch-group-GROUP, with ".at.LOCATION"
// behind it for one location. With an interface (its name, or a prefix and "*") a section for it,
// which stands before earlier ones; without, the mode holds for all interfaces, so the sections go.
Plan PlanSwitch(const Configuration& current, const EditTarget& target,
                absl::string_view interface_name, v1::Firewall::Mode mode,
                const std::set<std::string>& hosts);

// Adds to the policy mappings-host-HOST or mappings-group-GROUP. Mappings of one interface are in
// a policy of their own, with ".INTERFACE" behind its name: a section would replace the mappings
// for all interfaces, and who adds one expects the others to stay. Adding what is there already
// changes nothing; another mapping of the same name is refused.
Plan PlanAddMapping(const Configuration& current, const EditTarget& target,
                    absl::string_view interface_name, const v1::PortMapping& mapping,
                    const std::set<std::string>& hosts);

// `name` as `mapping list` shows it. The policy goes with its last mapping.
Plan PlanRemoveMapping(const Configuration& current, const EditTarget& target,
                       absl::string_view interface_name, absl::string_view name,
                       const std::set<std::string>& hosts);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_EDITS_H_
