// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_IDENTITY_METHOD_ACCESS_H_
#define FIREBREAK_CONTROLLER_IDENTITY_METHOD_ACCESS_H_

#include <google/protobuf/descriptor.h>

#include <cstddef>
#include <string>

#include "absl/time/time.h"
#include "controller/identity/caller.h"

namespace firebreak::controller {

// Who may call a method and what its request may cost, as its option in the proto says
// (firebreak/v1/access.proto). A method without the option is for administrators.
struct MethodAccess {
  Role role = Role::kAdmin;
  size_t max_request_bytes = 0;
  absl::Duration max_request_time;

  friend bool operator==(const MethodAccess&, const MethodAccess&) = default;
};

MethodAccess AccessTo(const google::protobuf::MethodDescriptor& method);

// How the audit trail names a call of the method: "get version" for GetVersion.
std::string ActionOf(const google::protobuf::MethodDescriptor& method);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_IDENTITY_METHOD_ACCESS_H_
