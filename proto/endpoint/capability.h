#ifndef FIREBREAK_PROTO_ENDPOINT_CAPABILITY_H_
#define FIREBREAK_PROTO_ENDPOINT_CAPABILITY_H_

#include <cstdint>

namespace firebreak {

// What an agent understands, as one number that it says in its hello. The controller sends a host
// no policy that needs a higher one: the agent would refuse it, or, before 1, enforce it without
// what it does not know.
//
//   0  agents from before there were capabilities
//   1  says its capability; refuses a policy with a field or a value that it does not know
//
// A field that agents must know gets the next number: add a line here, raise kCapability, and write
// `[(since) = N]` at the field (firebreak/v1/capability.proto).
inline constexpr uint32_t kCapability = 1;

}  // namespace firebreak

#endif  // FIREBREAK_PROTO_ENDPOINT_CAPABILITY_H_
