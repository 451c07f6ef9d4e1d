#ifndef FIREBREAK_POLICY_MERGE_CHECK_EFFECTIVE_H_
#define FIREBREAK_POLICY_MERGE_CHECK_EFFECTIVE_H_

#include "absl/status/status.h"
#include "firebreak/v1/effective.pb.h"

namespace firebreak::policy {

// Limits of one host's policy, over all its locations.
inline constexpr int kMaxLocations = 256;
inline constexpr int kMaxEffectiveMappings = 100'000;
// Below the largest message that either side takes.
inline constexpr size_t kMaxEffectiveBytes = 15 << 20;

// Everything that an agent relies on, before it trusts bytes from the wire or the disk; the
// controller asks it before it accepts a change, as only merging tells a host's total.
// InvalidArgument, naming the location, the policy and the mapping at fault, or ResourceExhausted
// for a limit.
absl::Status CheckEffective(const v1::EffectivePolicy& policy);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_MERGE_CHECK_EFFECTIVE_H_
