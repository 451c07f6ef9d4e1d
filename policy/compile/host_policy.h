// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_HOST_POLICY_H_
#define FIREBREAK_POLICY_COMPILE_HOST_POLICY_H_

#include <span>

#include "absl/status/statusor.h"
#include "firebreak/v1/effective.pb.h"
#include "policy/resources/configuration.h"

namespace firebreak::policy {

// Returns what a host with these policies must enforce, as Merge does, once it is certain that the
// host's agent can: a controller makes it for its hosts here, and a host without a controller for
// itself. An error names the policy or the mapping that is too much.
absl::StatusOr<v1::EffectivePolicy> HostPolicy(const Configuration& configuration,
                                               std::span<const v1::Policy* const> policies);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_HOST_POLICY_H_
