// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_TESTS_ORACLE_RANDOM_POLICIES_H_
#define FIREBREAK_TESTS_ORACLE_RANDOM_POLICIES_H_

#include <random>
#include <vector>

#include "firebreak/v1/resources.pb.h"
#include "tests/oracle/foreign_nat.h"

namespace firebreak::oracle {

using Random = std::mt19937_64;

// Less than `limit`.
inline uint32_t Below(Random& random, uint32_t limit) {
  return static_cast<uint32_t>(random() % limit);
}
inline bool OneIn(Random& random, uint32_t of) { return Below(random, of) == 0; }

template <typename List>
const auto& Pick(Random& random, const List& list) {
  return list[Below(random, static_cast<uint32_t>(std::size(list)))];
}

// Ports that policies open and probes knock at: few, so that they meet.
inline constexpr uint16_t kPorts[] = {21, 22, 53, 67, 68, 80, 443, 546, 547, 1723, 5000, 27001};

// Units that mappings name: one to which this process belongs, as the rules are told, and one that
// runs beside it.
inline constexpr char kOwnUnit[] = "oracle.service", kOtherUnit[] = "other.service";

// Resources as an operator might write them, every feature among them; all for one host. Most
// are valid.
std::vector<v1::Resource> RandomResources(Random& random);

// What a container engine may have beside them.
ForeignNat RandomForeignNat(Random& random);

}  // namespace firebreak::oracle

#endif  // FIREBREAK_TESTS_ORACLE_RANDOM_POLICIES_H_
