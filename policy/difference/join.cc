// SPDX-License-Identifier: Apache-2.0
#include "policy/difference/join.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"

namespace firebreak::policy {
namespace {

// The properties that two boxes must share to be joined along an axis: everything but the range
// along the axis.
struct Across {
  Box box;  // with the range along the axis set to 0
  uint32_t before, after;

  friend bool operator==(const Across&, const Across&) = default;
  template <typename Hash>
  friend Hash AbslHashValue(Hash hash, const Across& across) {
    return Hash::combine(std::move(hash), across.box, across.before, across.after);
  }
};

Across AcrossOf(const Difference& difference, Box::Axis axis) {
  Across across = {difference.box, difference.before.ruling, difference.after.ruling};
  across.box.SetFirst(axis, 0);
  across.box.SetLast(axis, 0);
  return across;
}

// Returns whether any boxes were joined.
bool JoinAlong(Box::Axis axis, std::vector<Difference>& differences) {
  absl::flat_hash_map<Across, std::vector<Difference>> rows;
  for (const Difference& difference : differences) {
    rows[AcrossOf(difference, axis)].push_back(difference);
  }
  if (rows.size() == differences.size()) return false;
  const size_t before = differences.size();
  differences.clear();
  for (auto& [across, row] : rows) {
    std::sort(row.begin(), row.end(), [&](const Difference& a, const Difference& b) {
      return a.box.First(axis) < b.box.First(axis);
    });
    for (const Difference& difference : row) {
      Difference* const last = &difference == &row.front() ? nullptr : &differences.back();
      if (last != nullptr && last->box.Last(axis) + 1 == difference.box.First(axis)) {
        last->box.SetLast(axis, difference.box.Last(axis));
      } else {
        differences.push_back(difference);
      }
    }
  }
  return differences.size() < before;
}

}  // namespace

void JoinAcross(Box::Axis axis, AddressNumber last, size_t begin, size_t middle,
                std::vector<Difference>& differences) {
  if (begin == middle || middle == differences.size()) return;
  absl::flat_hash_map<Across, size_t> lower;
  for (size_t i = begin; i < middle; ++i) {
    if (differences[i].box.Last(axis) == last) lower.emplace(AcrossOf(differences[i], axis), i);
  }
  if (lower.empty()) return;
  for (size_t i = middle; i < differences.size();) {
    const auto found = differences[i].box.First(axis) == last + 1
                           ? lower.find(AcrossOf(differences[i], axis))
                           : lower.end();
    if (found == lower.end()) {
      ++i;
      continue;
    }
    differences[found->second].box.SetLast(axis, differences[i].box.Last(axis));
    differences[i] = differences.back();
    differences.pop_back();
  }
}

void Join(std::vector<Difference>& differences) {
  for (bool joined = true; joined;) {
    joined = false;
    for (const Box::Axis axis : {Box::kAddress, Box::kPort, Box::kSourcePort, Box::kProtocol}) {
      joined = JoinAlong(axis, differences) || joined;
    }
  }
}

}  // namespace firebreak::policy
