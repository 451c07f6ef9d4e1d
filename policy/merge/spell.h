// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_MERGE_SPELL_H_
#define FIREBREAK_POLICY_MERGE_SPELL_H_

#include <string>
#include <vector>

#include "firebreak/v1/effective.pb.h"
#include "policy/resources/configuration.h"

namespace firebreak::policy {

// Which end of a mapping's packets is this host's own: inbound, and of what is forwarded, `to` is
// on the local side; in `outbound` it is `from`.
enum class LocalSide { kTo, kFrom };

struct WrittenMapping {
  const v1::PortMapping* mapping;
  v1::Traffic::Action action;  // never unspecified
};

// The mappings of a policy's list as hosts get them, in their order: services, ports, ranges and
// exceptions spelled out; those that are not enabled are left out, but keep the names that the
// others have beside them. The list has been checked.
v1::Mappings Spell(const Configuration& configuration, const std::string& policy,
                   const std::vector<WrittenMapping>& list, LocalSide local);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_MERGE_SPELL_H_
