// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_DIFFERENCE_DIFFERENCE_H_
#define FIREBREAK_POLICY_DIFFERENCE_DIFFERENCE_H_

#include <cstddef>
#include <vector>

#include "policy/difference/judgement.h"

namespace firebreak::policy {

// Packets that begin a flow and about which two policies decide differently.
struct PacketClass {
  Plane plane;
  Box box;
  Ruling before;
  Ruling after;
};

enum class ChangeKind : uint8_t { kOpened, kClosed, kOtherwise };
ChangeKind KindOf(const PacketClass& packets);

struct JudgementDifference {
  // The classes are disjoint; the largest comes first. The outcome of a possible packet (see
  // IsPossible) differs if and only if one of the classes holds it.
  std::vector<PacketClass> classes;
  // False if the policies differ so much that the allowed work did not suffice to find all
  // differences.
  bool complete = true;
};

// The limit of Compare's work: some seconds, and twenty times the work for two policies of 10,000
// mappings that have nothing in common.
inline constexpr size_t kMaxComparisonWork = 400'000'000;

// Compares two judgements about the same kind of interface at one location. The work done is
// subtracted from `work_left`, so that several comparisons can share a limit.
JudgementDifference CompareJudgements(const Judgement& before, const Judgement& after,
                                      size_t& work_left);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_DIFFERENCE_DIFFERENCE_H_
