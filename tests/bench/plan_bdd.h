#ifndef FIREBREAK_TESTS_BENCH_PLAN_BDD_H_
#define FIREBREAK_TESTS_BENCH_PLAN_BDD_H_

#include <cstddef>
#include <memory>
#include <vector>

#include "firebreak/v1/effective.pb.h"
#include "policy/difference/box.h"

namespace firebreak::bench {

// The packets that ordered lists of mappings decide differently, as binary decision diagrams of
// BuDDy's: of protocol, destination port and remote address, of one family. The whole process has
// one such table, so one of these at a time.
class BddPlan {
 public:
  explicit BddPlan(size_t address_bytes);
  ~BddPlan();

  BddPlan(const BddPlan&) = delete;
  BddPlan& operator=(const BddPlan&) = delete;

  // What a list lets in; the first mapping that covers a packet decides, none refuses. Returns a
  // number that stands for it.
  size_t Build(const std::vector<v1::Mapping>& mappings);
  // How many packets only the second lets in.
  size_t OnlyIn(size_t first, size_t second);
  size_t Union(const std::vector<policy::Box>& boxes);

  bool Same(size_t one, size_t other) const;

 private:
  struct Sets;  // BuDDy's own type stays out of this header

  const int address_bits_;
  std::unique_ptr<Sets> sets_;
};

}  // namespace firebreak::bench

#endif  // FIREBREAK_TESTS_BENCH_PLAN_BDD_H_
