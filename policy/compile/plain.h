// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_PLAIN_H_
#define FIREBREAK_POLICY_COMPILE_PLAIN_H_

#include "firebreak/v1/effective.pb.h"

namespace firebreak::policy {

// Whether all that the mapping says about packets is protocols, ports and remote addresses, so that
// a map can hold it together with others. What else it says needs rules of its own. Of ICMP, which
// is looked at behind the maps as well, every mapping does.
bool IsPlain(const v1::Mapping& mapping);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_PLAIN_H_
