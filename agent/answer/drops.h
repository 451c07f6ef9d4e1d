// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_ANSWER_DROPS_H_
#define FIREBREAK_AGENT_ANSWER_DROPS_H_

#include "absl/status/statusor.h"
#include "agent/kernel/counters/counters.h"
#include "firebreak/v1/host.pb.h"

namespace firebreak::agent {

// The answer to a DropsQuestion: what the counters of the rules say of dropped packets.
v1::Answer DescribeDrops(const PacketCounts& counts);

// The same, of the kernel's counters as they are now.
absl::StatusOr<v1::Answer> ProduceDrops();

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_ANSWER_DROPS_H_
