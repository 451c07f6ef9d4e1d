// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_MERGE_CHECK_MAPPING_EFFECTS_H_
#define FIREBREAK_POLICY_MERGE_CHECK_MAPPING_EFFECTS_H_

#include "absl/status/status.h"
#include "firebreak/v1/effective.pb.h"

namespace firebreak::policy {

// Whether what a mapping says beside its ports and addresses can be enforced: source ports, types
// of ICMP, who sends, limits, records. InvalidArgument or ResourceExhausted with the reason.
absl::Status CheckMappingEffects(const v1::Mapping& mapping);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_MERGE_CHECK_MAPPING_EFFECTS_H_
