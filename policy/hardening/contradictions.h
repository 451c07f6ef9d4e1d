// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_HARDENING_CONTRADICTIONS_H_
#define FIREBREAK_POLICY_HARDENING_CONTRADICTIONS_H_

#include <string>
#include <vector>

#include "firebreak/v1/effective.pb.h"

namespace firebreak::policy {

// Finds hardening settings that contradict rules of another policy on the same host, such as
// ip_enable_router 0 where rules forward. The rules win. Returns one sentence for each pair of
// policies. A contradiction within one policy is found when that policy is checked
// (check_hardening.h).
std::vector<std::string> Contradictions(const v1::EffectivePolicy& policy);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_HARDENING_CONTRADICTIONS_H_
