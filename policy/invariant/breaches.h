// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_INVARIANT_BREACHES_H_
#define FIREBREAK_POLICY_INVARIANT_BREACHES_H_

#include <cstddef>
#include <span>
#include <vector>

#include "policy/difference/difference.h"

namespace firebreak::policy {

// What an invariant demands of packets that begin a flow.
struct Demand {
  Plane plane;
  std::vector<Box> traffic;
  bool admitted = false;  // true: they must pass; false: they must be refused

  // Returns the demanded ruling.
  Ruling Wanted() const;
};

struct Breaches {
  // `before` of each class is the demanded ruling, `after` the ruling for its witness (WitnessOf).
  // Boxes of different traffic may overlap.
  std::vector<PacketClass> classes;
  bool complete = true;  // as in Comparison
};

// Returns exactly the packets for which the demand does not hold. The work is subtracted from
// `work_left`; see Compare.
Breaches BreachesOf(const Judgement& judgement, const Demand& demand, size_t& work_left);

// Returns the breaches of `after` whose packets met the demand under `before`.
Breaches FreshBreachesOf(const Judgement& before, const Judgement& after, const Demand& demand,
                         size_t& work_left);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_INVARIANT_BREACHES_H_
