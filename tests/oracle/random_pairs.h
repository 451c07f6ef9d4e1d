// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_TESTS_ORACLE_RANDOM_PAIRS_H_
#define FIREBREAK_TESTS_ORACLE_RANDOM_PAIRS_H_

#include <optional>
#include <string>
#include <vector>

#include "firebreak/v1/effective.pb.h"
#include "policy/compile/compile.h"
#include "policy/difference/difference.h"
#include "policy/difference/witness.h"
#include "tests/oracle/random_policies.h"

namespace firebreak::oracle {

// A configuration, and what it comes to on the host.
struct Drawn {
  std::vector<v1::Resource> resources;
  v1::EffectivePolicy effective;
};

// A valid configuration, and another one, which mostly has much in common with it.
struct RandomPair {
  Drawn before, after;
};
RandomPair DrawPair(Random& random);

const v1::EffectiveLocation* LocationOf(const v1::EffectivePolicy& policy, const std::string& name);

// How the host judges at the interface while it is at `location` and the host as a whole at
// `host_location`.
policy::Judgement JudgementOf(const v1::EffectivePolicy& policy, const std::string& location,
                              const std::string& host_location, const policy::Interface& interface);

// Boxes near whose borders packets are likely to be told apart.
std::vector<policy::Box> RuleBoxes(const policy::Judgement& judgement, const policy::Plane& plane);

// A packet that can be, as a difference speaks of them: near a class or a rule, or anywhere.
policy::Witness RandomWitness(Random& random, const policy::JudgementDifference& difference,
                              const policy::Judgement& judgement);

// Whether it says that the witness's packet is treated otherwise in a way that the packet shows:
// dropped, passed, or sent elsewhere.
bool IsTold(const policy::JudgementDifference& difference, const policy::Witness& witness);

std::string Describe(const policy::Witness& witness);

}  // namespace firebreak::oracle

#endif  // FIREBREAK_TESTS_ORACLE_RANDOM_PAIRS_H_
