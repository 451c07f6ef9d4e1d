// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_MERGE_SPELL_H_
#define FIREBREAK_POLICY_MERGE_SPELL_H_

#include <string>
#include <vector>

#include "firebreak/v1/effective.pb.h"
#include "policy/resources/configuration.h"

namespace firebreak::policy {

// Which end of a mapping's packets is this host's: `to` for inbound and forwarded packets, `from`
// in `outbound`.
enum class LocalSide { kTo, kFrom };

struct WrittenMapping {
  const v1::PortMapping* mapping;
  v1::Traffic::Action action;  // never unspecified
};

// Spells out a policy's list as hosts get it, in the same order: services, ports, ranges and
// exceptions become ports and prefixes. Mappings that are not enabled are left out, but still count
// when the others get their default names. The list must have passed its check.
v1::Mappings Spell(const Configuration& configuration, const std::string& policy,
                   const std::vector<WrittenMapping>& list, LocalSide local);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_MERGE_SPELL_H_
