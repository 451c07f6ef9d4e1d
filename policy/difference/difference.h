#ifndef FIREBREAK_POLICY_DIFFERENCE_DIFFERENCE_H_
#define FIREBREAK_POLICY_DIFFERENCE_DIFFERENCE_H_

#include <cstddef>
#include <vector>

#include "policy/difference/judgement.h"

namespace firebreak::policy {

// Packets that begin a flow and that two policies decide differently.
struct PacketClass {
  Plane plane;
  Box box;
  Ruling before;
  Ruling after;
};

enum class ChangeKind : uint8_t { kOpened, kClosed, kOtherwise };
ChangeKind KindOf(const PacketClass& packets);

struct JudgementDifference {
  // Disjoint, biggest first. A packet that can be (see IsPossible) has another outcome if and only
  // if one of them holds it.
  std::vector<PacketClass> classes;
  // False: the policies differ so much that not all of it was found within the work allowed.
  bool complete = true;
};

// As Compare counts it: some seconds of it, and twenty times what two policies of 10,000 mappings
// that have nothing in common take.
inline constexpr size_t kMaxComparisonWork = 400'000'000;

// Both must be about the same kind of interface, at one location. What it takes is subtracted from
// `work_left`, so that several comparisons can share a limit.
JudgementDifference CompareJudgements(const Judgement& before, const Judgement& after,
                                      size_t& work_left);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_DIFFERENCE_DIFFERENCE_H_
