// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_SENDERS_H_
#define FIREBREAK_POLICY_COMPILE_SENDERS_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace firebreak::policy {

// A control group (cgroup v2), as the kernel knows it. A number is not given again.
struct ControlGroup {
  uint32_t level = 0;   // below the root, which has 0
  uint64_t number = 0;  // of the group's directory
  friend auto operator<=>(const ControlGroup&, const ControlGroup&) = default;
};

// Who the users, groups and units that mappings name are on a host. A name that is not here is
// nobody's: what is said about it alone is said about nothing. Numbers of users and groups stand
// for themselves.
struct Senders {
  std::map<std::string, uint32_t> users;
  std::map<std::string, uint32_t> groups;
  std::map<std::string, std::set<ControlGroup>> units;
  friend bool operator==(const Senders&, const Senders&) = default;
};

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_SENDERS_H_
