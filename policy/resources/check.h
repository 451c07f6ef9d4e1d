// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_CHECK_H_
#define FIREBREAK_POLICY_RESOURCES_CHECK_H_

#include <cstdint>
#include <set>
#include <string>

#include "firebreak/v1/resources.pb.h"
#include "policy/resources/configuration.h"
#include "policy/resources/findings.h"

namespace firebreak::policy {

// What a resource may refer to while it is checked.
struct References {
  const Configuration& configuration;  // including the whole request
  const std::set<std::string>& hosts;
  // Seconds since 1970: mappings of the resource must expire later. 0 accepts expired mappings too.
  int64_t now = 0;
};

// Checks everything about the resource that its syntax does not ensure.
void CheckResource(const v1::Resource& resource, const References& references, Findings& findings);

void CheckGroup(const v1::Group& group, Findings& findings);
void CheckService(const v1::Service& service, Findings& findings);
void CheckLocation(const v1::Location& location, const Configuration& configuration,
                   Findings& findings);
void CheckRolloutStrategy(const v1::RolloutStrategy& strategy, const References& references,
                          Findings& findings);
void CheckInvariant(const v1::Invariant& invariant, const References& references,
                    Findings& findings);
void CheckProbe(const v1::Probe& probe, const References& references, Findings& findings);
void CheckPolicy(const v1::Policy& policy, const References& references, Findings& findings);
void CheckEdit(const v1::Edit& edit, const References& references, Findings& findings);
// Checks the policy's settings for the host and its flows. CheckPolicy checks everything else.
void CheckHostSettings(const v1::Policy& policy, Findings& findings);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_CHECK_H_
