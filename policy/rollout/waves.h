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

// A host that a rollout concerns.
struct RolloutHost {
  std::string name;
  Selector::Labels labels;
};

// Who is in which wave: the hosts in one line, the first wave in front, and where each wave ends.
struct Waves {
  std::vector<std::string> line;
  std::vector<size_t> ends;  // ascending; at least one, the last is line.size()
};

// Fills the waves of `strategy` in their order: `groups` takes all their members that are left,
// `hosts` so many, `percent` as many as make up that share of all together with those in front of
// them. The last wave takes whoever is left. Waves that nobody is in are left out.
//
// Within a wave, and where a number of hosts is taken, hosts stand in the order of a hash of their
// names: the same hosts come first in each rollout, and hosts whose names are alike do not come
// together.
Waves AssignWaves(const v1::RolloutStrategy& strategy, const Selector& selector,
                  absl::Span<const RolloutHost> hosts);

// The strategy where none is given: one host, a tenth, half, all.
v1::RolloutStrategy DefaultStrategy();

// Above so many hosts a change goes out in waves even if nobody has said so.
inline constexpr size_t kHostsWithoutWaves = 50;

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_ROLLOUT_WAVES_H_
