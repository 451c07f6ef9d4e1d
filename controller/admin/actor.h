// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_ADMIN_ACTOR_H_
#define FIREBREAK_CONTROLLER_ADMIN_ACTOR_H_

#include <string>

namespace firebreak::controller {

// The person or program that makes a change, as the audit trail names it.
struct Actor {
  std::string name;  // for example "admin/admin"
  std::string peer;  // the address and port of the connection
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ADMIN_ACTOR_H_
