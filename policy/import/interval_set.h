// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_INTERVAL_SET_H_
#define FIREBREAK_POLICY_IMPORT_INTERVAL_SET_H_

#include <vector>

#include "absl/numeric/int128.h"

namespace firebreak::importer {

using Number = absl::uint128;

struct Interval {
  Number first, last;  // inclusive
  friend bool operator==(const Interval&, const Interval&) = default;
};

// A set of numbers (ports, addresses, ICMP types) as sorted intervals that do not touch, so that
// equal sets compare equal. A value; a default-constructed set is empty.
class IntervalSet {
 public:
  IntervalSet() = default;
  static IntervalSet Of(Number first, Number last);
  // The intervals may be in any order and may overlap.
  static IntervalSet Of(std::vector<Interval> intervals);

  bool empty() const { return intervals_.empty(); }
  bool IsOneNumber() const {
    return intervals_.size() == 1 && intervals_[0].first == intervals_[0].last;
  }
  const std::vector<Interval>& intervals() const { return intervals_; }

  IntervalSet Intersect(const IntervalSet& other) const;
  IntervalSet Unite(const IntervalSet& other) const;
  IntervalSet Without(const IntervalSet& other) const;
  bool Within(const IntervalSet& other) const;

  friend bool operator==(const IntervalSet&, const IntervalSet&) = default;

 private:
  std::vector<Interval> intervals_;
};

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_INTERVAL_SET_H_
