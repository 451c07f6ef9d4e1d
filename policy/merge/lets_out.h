// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_MERGE_LETS_OUT_H_
#define FIREBREAK_POLICY_MERGE_LETS_OUT_H_

#include <cstdint>

#include "policy/merge/profile.h"

namespace firebreak::policy {

// Whether the host may open a flow of the protocol to the port of somebody at least. Mappings that
// name senders, or count, let nobody out here: they may not be meant for the one who asks.
bool LetsOut(const Profile& profile, uint8_t protocol, uint16_t port);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_MERGE_LETS_OUT_H_
