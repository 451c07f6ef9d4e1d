// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_MERGE_FORWARDING_H_
#define FIREBREAK_POLICY_MERGE_FORWARDING_H_

#include <string>

#include "firebreak/v1/effective.pb.h"
#include "policy/resources/configuration.h"

namespace firebreak::policy {

// Spells out the rules of a policy's `forward` in the order in which they decide: those that block,
// then those that allow. `from`, the source, becomes `remote` of a mapping, and `to`, the
// destination, becomes `local`, although neither is this host's address.
v1::Mappings SpellForwarding(const Configuration& configuration, const std::string& policy,
                             const v1::Forwarding& written);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_MERGE_FORWARDING_H_
