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
  bool admitted = false;  // they must be; else they must be refused

  // What should become of them, as a ruling.
  Ruling Wanted() const;
};

struct Breaches {
  // `before` of each is what is demanded, `after` what is done with its witness (WitnessOf). Boxes
  // of different traffic may overlap.
  std::vector<PacketClass> classes;
  bool complete = true;  // as in Comparison
};

// The packets for which the demand does not hold, exactly. What it takes is subtracted from
// `work_left`, which Compare explains.
Breaches BreachesOf(const Judgement& judgement, const Demand& demand, size_t& work_left);

// The breaches of `after` for whose packets the demand held under `before`.
Breaches FreshBreachesOf(const Judgement& before, const Judgement& after, const Demand& demand,
                         size_t& work_left);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_INVARIANT_BREACHES_H_
