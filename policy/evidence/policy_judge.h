// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_EVIDENCE_POLICY_JUDGE_H_
#define FIREBREAK_POLICY_EVIDENCE_POLICY_JUDGE_H_

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "firebreak/v1/effective.pb.h"
#include "policy/compile/compile.h"
#include "policy/difference/rules.h"
#include "policy/difference/witness.h"

namespace firebreak::policy {

// Says of single packets that begin a flow what an effective policy does with them, for as many as
// have been seen: connections of a log, flows of hosts. It is what a plan says of the classes that
// hold them (difference/judgement.h).
//
// Not thread-safe. It owns the policy.
class PolicyJudge {
 public:
  // The policy is checked already (CheckEffective).
  explicit PolicyJudge(v1::EffectivePolicy policy) : policy_(std::move(policy)) {}
  PolicyJudge(const PolicyJudge&) = delete;
  PolicyJudge& operator=(const PolicyJudge&) = delete;

  // Returns what the policy does with a packet at an interface that is at `location`; a location
  // that the policy does not know counts as elsewhere.
  const Ruling& Judge(const Witness& packet, const std::string& location,
                      const Interface& interface);

  const v1::EffectivePolicy& policy() const { return policy_; }

 private:
  struct List {
    Rulings rulings;
    RuleList rules;
  };
  // Location, interface, its type, way, family.
  using Key = std::tuple<std::string, std::string, std::string, Way, size_t>;

  const v1::EffectivePolicy policy_;
  std::map<Key, std::unique_ptr<List>> lists_;
};

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_EVIDENCE_POLICY_JUDGE_H_
