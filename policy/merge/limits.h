// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_MERGE_LIMITS_H_
#define FIREBREAK_POLICY_MERGE_LIMITS_H_

#include <cstddef>

namespace firebreak::policy {

// The limits of one host's policy, over all its locations.
inline constexpr int kMaxLocations = 256;
inline constexpr int kMaxEffectiveMappings = 100'000;
// This is less than the largest message that controller and agent accept.
inline constexpr size_t kMaxEffectiveBytes = 15 << 20;

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_MERGE_LIMITS_H_
