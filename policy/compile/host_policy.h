// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_HOST_POLICY_H_
#define FIREBREAK_POLICY_COMPILE_HOST_POLICY_H_

#include <span>

#include "absl/status/statusor.h"
#include "firebreak/v1/effective.pb.h"
#include "policy/resources/configuration.h"

namespace firebreak::policy {

// Merges the policies into what a host must enforce, and checks that the host's agent can accept
// and compile the result. Controllers call this for their hosts, and a host without a controller
// calls it for itself. An error names the policy or mapping at fault.
absl::StatusOr<v1::EffectivePolicy> HostPolicy(const Configuration& configuration,
                                               std::span<const v1::Policy* const> policies);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_HOST_POLICY_H_
