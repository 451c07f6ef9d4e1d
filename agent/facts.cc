// SPDX-License-Identifier: Apache-2.0
#include "agent/facts.h"

#include <sys/utsname.h>

#include <string>

#include "agent/answer/snapshot.h"
#include "agent/kernel/settings/settings.h"
#include "policy/compile/kernel_settings.h"

namespace firebreak::agent {
namespace {

// The bound keeps a host with many tunnels or containers from making every message large.
constexpr int kMaxInterfaces = 1000;

bool IsOn(const char* setting) {
  const absl::StatusOr<std::string> found = ReadSetting(setting);
  return found.ok() && *found != "0";
}

}  // namespace

v1::Facts MakeFacts(const std::vector<Link>& links, const std::vector<v1::Conflict>& conflicts,
                    const std::optional<v1::Drift>& drift) {
  v1::Facts facts;
  utsname kernel;
  if (uname(&kernel) == 0) facts.set_kernel(kernel.release);
  for (const Link& link : links) {
    if (facts.interfaces_size() == kMaxInterfaces) break;
    *facts.add_interfaces() = ToInterface(link);
  }
  for (const v1::Conflict& conflict : conflicts) *facts.add_conflicts() = conflict;
  if (drift.has_value()) *facts.mutable_drift() = *drift;
  facts.set_forwards_ipv4(IsOn(policy::kForwardIpv4));
  facts.set_forwards_ipv6(IsOn(policy::kForwardIpv6));
  return facts;
}

}  // namespace firebreak::agent
