// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_MERGE_FORWARDING_H_
#define FIREBREAK_POLICY_MERGE_FORWARDING_H_

#include <string>

#include "firebreak/v1/effective.pb.h"
#include "policy/resources/configuration.h"

namespace firebreak::policy {

// The rules of a policy's `forward`, spelled out in the order in which they are asked: those that
// block, then those that allow. `from`, the source, is `remote` of a mapping; `to`, the
// destination, is `local`, although neither is this host's.
v1::Mappings SpellForwarding(const Configuration& configuration, const std::string& policy,
                             const v1::Forwarding& written);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_MERGE_FORWARDING_H_
