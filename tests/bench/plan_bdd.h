// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_TESTS_BENCH_PLAN_BDD_H_
#define FIREBREAK_TESTS_BENCH_PLAN_BDD_H_

#include <cstddef>
#include <memory>
#include <vector>

#include "firebreak/v1/effective.pb.h"
#include "policy/difference/box.h"

namespace firebreak::bench {

// The packets that ordered lists of mappings decide differently, as BuDDy's binary decision
// diagrams over protocol, destination port and remote address of one family. BuDDy has one table
// for the whole process, so only one BddPlan may exist at a time.
class BddPlan {
 public:
  explicit BddPlan(size_t address_bytes);
  ~BddPlan();

  BddPlan(const BddPlan&) = delete;
  BddPlan& operator=(const BddPlan&) = delete;

  // Builds the set of packets that a list lets in: the first mapping that covers a packet decides,
  // and a packet that none covers is refused. Returns a number that identifies the set.
  size_t Build(const std::vector<v1::Mapping>& mappings);
  // Builds the set of packets that only the second set contains.
  size_t OnlyIn(size_t first, size_t second);
  size_t Union(const std::vector<policy::Box>& boxes);

  bool Same(size_t one, size_t other) const;

 private:
  struct Sets;  // keeps BuDDy's own type out of this header

  const int address_bits_;
  std::unique_ptr<Sets> sets_;
};

}  // namespace firebreak::bench

#endif  // FIREBREAK_TESTS_BENCH_PLAN_BDD_H_
