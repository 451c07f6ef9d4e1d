// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_ROLLOUT_WAVES_H_
#define FIREBREAK_POLICY_ROLLOUT_WAVES_H_

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "firebreak/v1/resources.pb.h"
#include "policy/merge/select.h"

namespace firebreak::policy {

// A host that the rollout concerns.
struct RolloutHost {
  std::string name;
  Selector::Labels labels;
};

// The hosts of a rollout in the order of their waves, and where each wave ends.
struct Waves {
  std::vector<std::string> line;
  std::vector<size_t> ends;  // ascending; there is at least one, and the last is line.size()
};

// Fills the waves of `strategy` in their order: `groups` takes all remaining members, `hosts` takes
// that many hosts, and `percent` takes hosts until the waves so far have that share of all hosts.
// The last wave takes all remaining hosts. Empty waves are left out.
//
// Within a wave, hosts stand in the order of a hash of their names; where only some hosts are
// taken, these are the first in this order. So the same hosts come first in each rollout, and hosts
// with similar names do not come together.
Waves AssignWaves(const v1::RolloutStrategy& strategy, const Selector& selector,
                  absl::Span<const RolloutHost> hosts);

// Returns the strategy for changes that name none: one host, a tenth, half, all.
v1::RolloutStrategy DefaultStrategy();

// A change that concerns more hosts than this goes out in waves, even if no strategy is given.
inline constexpr size_t kHostsWithoutWaves = 50;

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_ROLLOUT_WAVES_H_
