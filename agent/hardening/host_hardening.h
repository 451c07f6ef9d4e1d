// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_HARDENING_HOST_HARDENING_H_
#define FIREBREAK_AGENT_HARDENING_HOST_HARDENING_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "agent/hardening/stack_guard.h"
#include "agent/kernel/links/links.h"
#include "agent/kernel/settings/settings.h"
#include "firebreak/v1/effective.pb.h"
#include "policy/hardening/sysctls.h"

namespace firebreak::agent {

// What a policy asks of this host's TCP/IP stack.
struct HostHardening {
  policy::WantedSysctls sysctls;
  std::map<std::string, std::string> held_back;  // why not what it says: see policy::Reconcile
};

// `at` says at which location of the policy an interface is; null: at none. `settings` knows what
// was found before anything was set.
HostHardening HardeningFor(const v1::HostSettings& host, const std::vector<Link>& links,
                           const std::function<const v1::EffectiveLocation*(const Link&)>& at,
                           const StackPressure& pressure, const KernelSettings& settings);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_HARDENING_HOST_HARDENING_H_
