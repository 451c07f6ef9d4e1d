// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_PLAIN_H_
#define FIREBREAK_POLICY_COMPILE_PLAIN_H_

#include "firebreak/v1/effective.pb.h"

namespace firebreak::policy {

// Whether the mapping is about protocols, ports and remote addresses only, so that a map can hold
// it. Anything else needs rules of its own. Mappings about ICMP always do, because ICMP is also
// matched behind the maps.
bool IsPlain(const v1::Mapping& mapping);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_PLAIN_H_
