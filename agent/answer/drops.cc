// SPDX-License-Identifier: Apache-2.0
#include "agent/answer/drops.h"

#include <string>

#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "base/status/status.h"
#include "policy/compile/chain_names.h"

namespace firebreak::agent {

v1::Answer DescribeDrops(const PacketCounts& counts) {
  v1::Answer answer;
  v1::DropsAnswer& drops = *answer.mutable_drops();
  for (const auto& [counter, packets] : counts) {
    absl::string_view reason = counter;
    if (!absl::ConsumePrefix(&reason, policy::kRefusalPrefix)) continue;
    v1::DropCount& count = *drops.add_counts();
    count.set_reason(std::string(reason));
    count.set_packets(packets);
  }
  return answer;
}

absl::StatusOr<v1::Answer> ProduceDrops() {
  ASSIGN_OR_RETURN(Counters counters, Counters::Open());
  ASSIGN_OR_RETURN(const PacketCounts counts, counters.Read());
  return DescribeDrops(counts);
}

}  // namespace firebreak::agent
