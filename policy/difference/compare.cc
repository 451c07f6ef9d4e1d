// SPDX-License-Identifier: Apache-2.0
#include "policy/difference/compare.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "policy/difference/join.h"

namespace firebreak::policy {
namespace {

// The rules of a list that may decide within a box, as indices into the whole list.
using Places = std::vector<uint32_t>;

// A rule list, and for each rule whether it is changed: whether the other list lacks it in the same
// order.
struct Side {
  const RuleList& rules;
  std::vector<bool> changed;
};

struct BoxAndOutcome {
  Box box;
  uint32_t outcome;
  friend bool operator==(const BoxAndOutcome&, const BoxAndOutcome&) = default;
  template <typename Hash>
  friend Hash AbslHashValue(Hash hash, const BoxAndOutcome& key) {
    return Hash::combine(std::move(hash), key.box, key.outcome);
  }
};

// Marks the rules outside the longest common subsequence of the two lists as changed. Uses the
// algorithm of Hunt and Szymanski, for lists without repeated rules.
void MarkChanged(Side& before, Side& after) {
  absl::flat_hash_map<BoxAndOutcome, uint32_t> places;
  for (uint32_t i = 0; i < after.rules.size(); ++i) {
    places.emplace(BoxAndOutcome{after.rules[i].box, after.rules[i].number.outcome}, i);
  }
  struct Link {
    uint32_t before, after;
    int64_t previous;
  };
  std::vector<Link> links;
  std::vector<int64_t> ends;  // the link that ends the best run of each length
  for (uint32_t i = 0; i < before.rules.size(); ++i) {
    const auto found =
        places.find(BoxAndOutcome{before.rules[i].box, before.rules[i].number.outcome});
    if (found == places.end()) continue;
    const auto end =
        std::lower_bound(ends.begin(), ends.end(), found->second,
                         [&](int64_t link, uint32_t place) { return links[link].after < place; });
    links.push_back({i, found->second, end == ends.begin() ? -1 : *(end - 1)});
    const auto link = static_cast<int64_t>(links.size()) - 1;
    if (end == ends.end()) {
      ends.push_back(link);
    } else {
      *end = link;
    }
  }
  before.changed.assign(before.rules.size(), true);
  after.changed.assign(after.rules.size(), true);
  for (int64_t link = ends.empty() ? -1 : ends.back(); link >= 0; link = links[link].previous) {
    before.changed[links[link].before] = false;
    after.changed[links[link].after] = false;
  }
}

class Comparer {
 public:
  Comparer(const RuleList& before, const RuleList& after, size_t& work_left)
      : before_{before, {}}, after_{after, {}}, work_left_(work_left) {
    MarkChanged(before_, after_);
  }

  Comparison Run(const Box& whole) && {
    Visit(whole, AllOf(before_.rules), AllOf(after_.rules));
    Join(comparison_.differences);
    return std::move(comparison_);
  }

 private:
  struct Cut {
    Box::Axis axis;
    AddressNumber last;  // the last number of the lower half
  };

  static Places AllOf(const RuleList& rules) {
    Places places(rules.size());
    for (uint32_t i = 0; i < places.size(); ++i) places[i] = i;
    return places;
  }

  // Returns the rules that may decide in the box. A rule behind a rule that covers the box never
  // decides. Rules directly in front of that covering rule that have the same outcome make no
  // difference.
  static Places Within(const Side& side, const Places& places, const Box& box) {
    Places within;
    for (const uint32_t place : places) {
      const Box& rule = side.rules[place].box;
      if (!Intersects(rule, box)) continue;
      within.push_back(place);
      if (Covers(rule, box)) break;
    }
    const auto outcome = [&](size_t i) { return side.rules[within[i]].number.outcome; };
    while (within.size() > 1 && outcome(within.size() - 2) == outcome(within.size() - 1)) {
      within.erase(within.end() - 2);
    }
    return within;
  }

  static void AddHull(const Side& side, const Places& places, const Box& box,
                      std::optional<Box>& hull) {
    for (const uint32_t place : places) {
      if (!side.changed[place]) continue;
      const Box part = Intersection(side.rules[place].box, box);
      hull = hull.has_value() ? Hull(*hull, part) : part;
    }
  }

  void Visit(Box box, Places before, Places after) {
    const size_t work = before.size() + after.size() + 1;
    if (work > work_left_) {
      comparison_.complete = false;
      return;
    }
    work_left_ -= work;
    while (true) {
      before = Within(before_, before, box);
      after = Within(after_, after, box);
      std::optional<Box> hull;
      AddHull(before_, before, box, hull);
      AddHull(after_, after, box, hull);
      if (!hull.has_value()) return;
      if (*hull == box) break;
      box = *hull;
    }
    if (before.size() == 1 && after.size() == 1) {
      const Rule& first = before_.rules[before[0]];
      const Rule& second = after_.rules[after[0]];
      if (first.number.outcome == second.number.outcome) return;
      comparison_.differences.push_back({box, first.number, second.number});
      return;
    }
    const Cut cut = ChooseCut(box, before, after);
    Box lower = box, upper = box;
    lower.SetLast(cut.axis, cut.last);
    upper.SetFirst(cut.axis, cut.last + 1);
    const size_t begin = comparison_.differences.size();
    Visit(lower, before, after);
    const size_t middle = comparison_.differences.size();
    Visit(upper, std::move(before), std::move(after));
    JoinAcross(cut.axis, cut.last, begin, middle, comparison_.differences);
  }

  // Cuts along protocols first, so that a protocol without ports is never cut at a port. Otherwise
  // takes the middle border within the box along each axis, only of changed rules if there are any,
  // and of these borders the one whose halves need the least work.
  Cut ChooseCut(const Box& box, const Places& before, const Places& after) const {
    constexpr Box::Axis kProtocols[] = {Box::kProtocol};
    if (const auto cut = BestCut(kProtocols, false, box, before, after)) return *cut;
    constexpr Box::Axis kOthers[] = {Box::kSourcePort, Box::kPort, Box::kAddress};
    if (const auto cut = BestCut(kOthers, true, box, before, after)) return *cut;
    // A list of several rules has a rule that does not cover the box, so there is a border.
    return *BestCut(kOthers, false, box, before, after);
  }

  std::optional<Cut> BestCut(std::span<const Box::Axis> axes, bool changed_only, const Box& box,
                             const Places& before, const Places& after) const {
    std::optional<Cut> best;
    double least = 0;
    for (const Box::Axis axis : axes) {
      std::vector<AddressNumber> borders;
      AddBorders(before_, before, box, axis, changed_only, borders);
      AddBorders(after_, after, box, axis, changed_only, borders);
      if (borders.empty()) continue;
      const auto middle = borders.begin() + static_cast<ptrdiff_t>(borders.size() / 2);
      std::nth_element(borders.begin(), middle, borders.end());
      const Cut cut = {axis, *middle};
      const double cost = CostOf(cut, before, after);
      if (best.has_value() && least <= cost) continue;
      best = cut;
      least = cost;
    }
    return best;
  }

  // Adds the borders within the box, each as the last number of the lower half.
  static void AddBorders(const Side& side, const Places& places, const Box& box, Box::Axis axis,
                         bool changed_only, std::vector<AddressNumber>& borders) {
    const AddressNumber first = box.First(axis), last = box.Last(axis);
    for (const uint32_t place : places) {
      if (changed_only && !side.changed[place]) continue;
      const Box& rule = side.rules[place].box;
      if (rule.First(axis) > first) borders.push_back(rule.First(axis) - 1);
      if (rule.Last(axis) < last) borders.push_back(rule.Last(axis));
    }
  }

  double CostOf(const Cut& cut, const Places& before, const Places& after) const {
    double lower = 0, upper = 0;
    const auto count = [&](const Side& side, const Places& places) {
      for (const uint32_t place : places) {
        const Box& rule = side.rules[place].box;
        lower += rule.First(cut.axis) <= cut.last ? 1 : 0;
        upper += rule.Last(cut.axis) > cut.last ? 1 : 0;
      }
    };
    count(before_, before);
    count(after_, after);
    return lower * lower + upper * upper;
  }

  Side before_;
  Side after_;
  size_t& work_left_;
  Comparison comparison_;
};

// Removes rules that never decide because an earlier rule has the same box.
RuleList WithoutRepeated(const RuleList& rules) {
  absl::flat_hash_map<Box, bool> seen;
  RuleList unique;
  unique.reserve(rules.size());
  for (const Rule& rule : rules) {
    if (seen.emplace(rule.box, true).second) unique.push_back(rule);
  }
  return unique;
}

}  // namespace

Comparison Compare(const RuleList& before, const RuleList& after, const Box& whole,
                   size_t& work_left) {
  const RuleList unique_before = WithoutRepeated(before), unique_after = WithoutRepeated(after);
  return Comparer(unique_before, unique_after, work_left).Run(whole);
}

}  // namespace firebreak::policy
