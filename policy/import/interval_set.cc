// SPDX-License-Identifier: Apache-2.0
#include "policy/import/interval_set.h"

#include <algorithm>
#include <utility>

namespace firebreak::importer {

IntervalSet IntervalSet::Of(Number first, Number last) {
  return Of(std::vector<Interval>{{first, last}});
}

IntervalSet IntervalSet::Of(std::vector<Interval> intervals) {
  std::sort(intervals.begin(), intervals.end(),
            [](const Interval& a, const Interval& b) { return a.first < b.first; });
  IntervalSet set;
  for (const Interval& one : intervals) {
    if (one.first > one.last) continue;
    auto& found = set.intervals_;
    const bool touches = !found.empty() && (one.first <= found.back().last ||
                                            one.first - found.back().last == Number(1));
    if (touches) {
      found.back().last = std::max(found.back().last, one.last);
    } else {
      found.push_back(one);
    }
  }
  return set;
}

IntervalSet IntervalSet::Intersect(const IntervalSet& other) const {
  IntervalSet both;
  auto a = intervals_.begin(), b = other.intervals_.begin();
  while (a != intervals_.end() && b != other.intervals_.end()) {
    const Number first = std::max(a->first, b->first), last = std::min(a->last, b->last);
    if (first <= last) both.intervals_.push_back({first, last});
    if (a->last < b->last) {
      ++a;
    } else {
      ++b;
    }
  }
  return both;
}

IntervalSet IntervalSet::Unite(const IntervalSet& other) const {
  std::vector<Interval> all = intervals_;
  all.insert(all.end(), other.intervals_.begin(), other.intervals_.end());
  return Of(std::move(all));
}

IntervalSet IntervalSet::Without(const IntervalSet& other) const {
  IntervalSet rest;
  auto cut = other.intervals_.begin();
  for (Interval one : intervals_) {
    while (cut != other.intervals_.end() && cut->last < one.first) ++cut;
    bool done = false;
    for (auto each = cut; each != other.intervals_.end() && each->first <= one.last; ++each) {
      if (each->first > one.first) rest.intervals_.push_back({one.first, each->first - 1});
      if (each->last >= one.last) {
        done = true;
        break;
      }
      one.first = each->last + 1;
    }
    if (!done) rest.intervals_.push_back(one);
  }
  return rest;
}

bool IntervalSet::Within(const IntervalSet& other) const { return Intersect(other) == *this; }

}  // namespace firebreak::importer
