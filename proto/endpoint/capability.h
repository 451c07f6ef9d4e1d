// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_PROTO_ENDPOINT_CAPABILITY_H_
#define FIREBREAK_PROTO_ENDPOINT_CAPABILITY_H_

#include <cstdint>

namespace firebreak {

// A number that an agent sends in its hello to say what it understands. The controller sends a host
// no policy that needs a higher number: the agent would refuse the policy, or, with capability 0,
// enforce it without the parts that it does not know.
//
//   0  agents from before there were capabilities
//   1  sends its capability; refuses a policy with a field or a value that it does not know
//   2  mappings in their order, with all that rules of their own can say; forwarded traffic
//   3  hardening: settings of the TCP/IP stack
//   4  senders by unit of systemd; the maximum segment size under sharing; limits, records, expiry
//      and rejection in rules of `forward`
//
// A field that agents must know gets the next number: add a line here, raise kCapability, and write
// `[(since) = N]` at the field (firebreak/v1/capability.proto).
inline constexpr uint32_t kCapability = 4;

}  // namespace firebreak

#endif  // FIREBREAK_PROTO_ENDPOINT_CAPABILITY_H_
