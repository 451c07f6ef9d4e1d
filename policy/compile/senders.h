// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_SENDERS_H_
#define FIREBREAK_POLICY_COMPILE_SENDERS_H_

#include <cstdint>
#include <map>
#include <string>

namespace firebreak::policy {

// Who the users and groups that mappings name are on a host. A name that is not here is nobody's:
// what is said about it alone is said about nothing. Numbers stand for themselves.
struct Senders {
  std::map<std::string, uint32_t> users;
  std::map<std::string, uint32_t> groups;
  friend bool operator==(const Senders&, const Senders&) = default;
};

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_SENDERS_H_
