// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_HARDENING_CONTRADICTIONS_H_
#define FIREBREAK_POLICY_HARDENING_CONTRADICTIONS_H_

#include <string>
#include <vector>

#include "firebreak/v1/effective.pb.h"

namespace firebreak::policy {

// What one policy asks of a host's TCP/IP stack against what another policy's rules need there:
// what the rules need holds. One sentence for each pair of policies; what a single policy
// contradicts in itself is found when that policy is checked (check_hardening.h).
std::vector<std::string> Contradictions(const v1::EffectivePolicy& policy);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_HARDENING_CONTRADICTIONS_H_
