// SPDX-License-Identifier: Apache-2.0
#include "policy/merge/forwarding.h"

#include <vector>

#include "policy/merge/spell.h"
#include "policy/resources/ports.h"

namespace firebreak::policy {

v1::Mappings SpellForwarding(const Configuration& configuration, const std::string& policy,
                             const v1::Forwarding& written) {
  std::vector<WrittenMapping> list;
  for (const v1::PortMapping& rule : written.block()) {
    list.push_back(
        {&rule, rule.action() == v1::Traffic::reject ? v1::Traffic::reject : v1::Traffic::block});
  }
  for (const v1::PortMapping& rule : written.allow()) list.push_back({&rule, v1::Traffic::allow});
  v1::Mappings spelled = Spell(configuration, policy, list, LocalSide::kTo);
  for (v1::Mapping& rule : *spelled.mutable_items()) {
    // A rule with neither service nor ports applies to every protocol.
    if (rule.ports().empty()) rule.add_ports()->set_last(kAllPorts.last);
  }
  return spelled;
}

}  // namespace firebreak::policy
