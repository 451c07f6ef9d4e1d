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

// The sysctls that a policy wants on this host.
struct HostHardening {
  policy::WantedSysctls sysctls;
  std::map<std::string, std::string> held_back;  // why some are weakened: policy::Reconcile
};

// Returns the sysctls for this host. `at` returns the policy's location of an interface, or null if
// the interface is at none. `settings` knows the values that were found before Firebreak set any.
HostHardening HardeningFor(const v1::HostSettings& host, const std::vector<Link>& links,
                           const std::function<const v1::EffectiveLocation*(const Link&)>& at,
                           const StackPressure& pressure, const KernelSettings& settings);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_HARDENING_HOST_HARDENING_H_
