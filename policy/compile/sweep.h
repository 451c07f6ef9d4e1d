// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_SWEEP_H_
#define FIREBREAK_POLICY_COMPILE_SWEEP_H_

#include <algorithm>
#include <cstddef>
#include <set>
#include <vector>

namespace firebreak::policy {

template <typename Number>
struct Interval {
  Number first;
  Number last;   // inclusive
  size_t owner;  // pieces list the owners in ascending order
};

// Cuts the line where any interval begins or ends, and calls `piece(first, last, owners)` in
// ascending order for every piece that an interval covers; `owners` is the sorted set of all
// intervals that cover it. O(n log n) for n intervals, plus the time that `piece` takes.
template <typename Number, typename Piece>
void Sweep(const std::vector<Interval<Number>>& intervals, const Piece& piece) {
  struct Event {
    Number at;
    bool leaves;  // the owner leaves after `at`; otherwise it enters before `at`
    size_t owner;
  };
  std::vector<Event> events;
  events.reserve(intervals.size() * 2);
  for (const Interval<Number>& interval : intervals) {
    events.push_back({interval.first, false, interval.owner});
    events.push_back({interval.last, true, interval.owner});
  }
  std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
    return a.at != b.at ? a.at < b.at : a.leaves < b.leaves;
  });

  std::multiset<size_t> owners;
  Number begin = 0;  // where the present piece begins
  // Whether nothing is left at or after `begin`, because the end of the line was reached.
  bool consumed = true;
  for (const Event& event : events) {
    if (!event.leaves) {
      if (!owners.empty() && !consumed && begin < event.at) {
        piece(begin, static_cast<Number>(event.at - 1), owners);
      }
      owners.insert(event.owner);
      begin = event.at;
      consumed = false;
    } else {
      if (!consumed && begin <= event.at) {
        piece(begin, event.at, owners);
        begin = static_cast<Number>(event.at + 1);
        consumed = begin == 0;  // `begin` has wrapped: `at` was the largest number
      }
      owners.erase(owners.find(event.owner));
    }
  }
}

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_SWEEP_H_
