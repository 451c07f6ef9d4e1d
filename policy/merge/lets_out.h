// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_MERGE_LETS_OUT_H_
#define FIREBREAK_POLICY_MERGE_LETS_OUT_H_

#include <cstdint>

#include "policy/merge/profile.h"

namespace firebreak::policy {

// Whether the host may open a flow of the protocol to this port of at least one other host.
// Mappings that name senders or have limits do not count, because they may not apply to the program
// that asks.
bool LetsOut(const Profile& profile, uint8_t protocol, uint16_t port);

// Whether packets to the port may leave by the interface, but only because of mappings that expire.
bool LetsOutForNow(const Profile& profile, uint8_t protocol, uint16_t port);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_MERGE_LETS_OUT_H_
