// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_MERGE_CHECK_MAPPING_EFFECTS_H_
#define FIREBREAK_POLICY_MERGE_CHECK_MAPPING_EFFECTS_H_

#include "absl/status/status.h"
#include "firebreak/v1/effective.pb.h"

namespace firebreak::policy {

// Checks that the kernel can enforce the fields of a mapping besides ports and addresses: source
// ports, ICMP types, senders, limits, log. Returns InvalidArgument or ResourceExhausted with the
// reason.
absl::Status CheckMappingEffects(const v1::Mapping& mapping);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_MERGE_CHECK_MAPPING_EFFECTS_H_
