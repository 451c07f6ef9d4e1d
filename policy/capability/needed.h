#ifndef FIREBREAK_POLICY_CAPABILITY_NEEDED_H_
#define FIREBREAK_POLICY_CAPABILITY_NEEDED_H_

#include <cstdint>
#include <string>

#include "google/protobuf/message.h"

namespace firebreak::policy {

// What a host must understand to enforce a policy: proto/endpoint/capability.h.
struct NeededCapability {
  uint32_t capability = 0;
  std::string because;  // the field or value that needs the most: "flows.udp_timeout"; empty: none

  friend bool operator==(const NeededCapability&, const NeededCapability&) = default;
};

// The highest capability that a field or value which is set in the message needs, in all depths, as
// its option in the proto says (firebreak/v1/capability.proto).
NeededCapability NeededFor(const google::protobuf::Message& message);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_CAPABILITY_NEEDED_H_
