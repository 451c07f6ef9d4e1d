// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_KERNEL_CONTROL_GROUPS_UNITS_H_
#define FIREBREAK_AGENT_KERNEL_CONTROL_GROUPS_UNITS_H_

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "policy/compile/senders.h"

namespace firebreak::agent {

// Units of systemd as control groups (cgroup v2). Systemd makes a directory for each unit that
// runs, in that of its slice, and slices stand in each other.
//
// Only directories of slices that belong to root are looked into. What is below a service belongs
// to whomever the service gave it to: a user's own services are below user@UID.service, and one of
// them with the name of a system service must not be taken for it.

// Where cgroup v2 is mounted, whole; none: it is not. `mounts` is in the form of
// /proc/PID/mountinfo.
std::optional<std::string> FindControlGroups(const std::string& mounts = "/proc/self/mountinfo");

// Walks the slices below `root`, FindControlGroups's answer, and calls back for each directory in
// one: the unit's name, the directory, and its level. Too many or too deep slices are left out.
void WalkUnits(const std::string& root,
               const std::function<void(const std::string& unit, const std::string& directory,
                                        uint32_t level)>& found);
bool IsSlice(absl::string_view unit);

// The unit that a directory is for: systemd puts "_" in front of names that the kernel might use.
std::string UnitOf(absl::string_view directory);

// The control groups of those units that run now.
std::map<std::string, std::set<policy::ControlGroup>> FindUnits(
    const std::optional<std::string>& root, const std::set<std::string>& units);

// The numbers of the control groups that a program of the unit is in, from the root's on; empty:
// the unit does not run.
std::vector<uint64_t> ControlGroupsOf(const std::optional<std::string>& root,
                                      const std::string& unit);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_CONTROL_GROUPS_UNITS_H_
