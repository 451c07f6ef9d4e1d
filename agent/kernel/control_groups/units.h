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

// Systemd units as control groups (cgroup v2). Systemd makes a directory for each running unit
// inside the directory of the unit's slice; slices are nested.
//
// Only directories of slices that belong to root are entered. A service may have given the
// directories below its own to somebody else: a user's own services are below user@UID.service, and
// must not be taken for system services of the same name.

// Returns where cgroup v2 is mounted with its root; none if it is not. `mounts` is a file in the
// format of /proc/PID/mountinfo.
std::optional<std::string> FindControlGroups(const std::string& mounts = "/proc/self/mountinfo");

// Walks the slices below `root`, which FindControlGroups returned. Calls back for each directory in
// a slice with the unit's name, the directory and its level. Slices beyond a limit of number or
// depth are skipped.
void WalkUnits(const std::string& root,
               const std::function<void(const std::string& unit, const std::string& directory,
                                        uint32_t level)>& found);
bool IsSlice(absl::string_view unit);

// Returns the unit of a directory. Systemd puts "_" in front of names that the kernel might use.
std::string UnitOf(absl::string_view directory);

// Returns the control groups of those units that run now.
std::map<std::string, std::set<policy::ControlGroup>> FindUnits(
    const std::optional<std::string>& root, const std::set<std::string>& units);

// Returns the numbers of the control groups that a program of the unit is in, from the root down;
// empty if the unit does not run.
std::vector<uint64_t> ControlGroupsOf(const std::optional<std::string>& root,
                                      const std::string& unit);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_CONTROL_GROUPS_UNITS_H_
