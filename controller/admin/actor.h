#ifndef FIREBREAK_CONTROLLER_ADMIN_ACTOR_H_
#define FIREBREAK_CONTROLLER_ADMIN_ACTOR_H_

#include <string>

namespace firebreak::controller {

// Who makes a change, as the audit trail names him.
struct Actor {
  std::string name;  // "admin/admin"
  std::string peer;  // address and port
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ADMIN_ACTOR_H_
