// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_SENDERS_H_
#define FIREBREAK_POLICY_COMPILE_SENDERS_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace firebreak::policy {

// A control group (cgroup v2) as the kernel identifies it. Its number is never reused.
struct ControlGroup {
  uint32_t level = 0;   // the root has level 0
  uint64_t number = 0;  // of the group's directory
  friend auto operator<=>(const ControlGroup&, const ControlGroup&) = default;
};

// The users, groups and units of a host by the names that mappings use. A mapping that names only
// senders missing here covers nothing. A number of a user or group is used as it is and need not be
// listed.
struct Senders {
  std::map<std::string, uint32_t> users;
  std::map<std::string, uint32_t> groups;
  std::map<std::string, std::set<ControlGroup>> units;
  friend bool operator==(const Senders&, const Senders&) = default;
};

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_SENDERS_H_
