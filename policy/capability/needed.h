// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_CAPABILITY_NEEDED_H_
#define FIREBREAK_POLICY_CAPABILITY_NEEDED_H_

#include <cstdint>
#include <string>

#include "google/protobuf/message.h"

namespace firebreak::policy {

// The capability that a host must have to enforce a policy; see proto/endpoint/capability.h.
struct NeededCapability {
  uint32_t capability = 0;
  // The field or value that needs the highest capability, for example "flows.udp_timeout"; empty if
  // none needs any.
  std::string because;

  friend bool operator==(const NeededCapability&, const NeededCapability&) = default;
};

// Returns the highest capability that any field or value set in the message needs, at any depth,
// according to the options in the proto (firebreak/v1/capability.proto).
NeededCapability NeededFor(const google::protobuf::Message& message);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_CAPABILITY_NEEDED_H_
