// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/line_diff.h"

#include <algorithm>
#include <span>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace firebreak::policy {
namespace {

constexpr int kMaxEdits = 1000;

using Lines = std::vector<absl::string_view>;
using Numbers = std::span<const int>;  // equal lines have equal numbers

Lines Split(absl::string_view text) {
  if (text.empty()) return {};
  return absl::StrSplit(absl::StripSuffix(text, "\n"), '\n');
}

// Source: E. Myers, "An O(ND) Difference Algorithm and Its Variations", 1986. Finds, for each
// number of edits, the furthest place that each diagonal reaches. Then calls back from the end to
// the beginning with '-', '+' or ' ' for each line. Returns false, without a call, if there are
// more than kMaxEdits edits.
template <typename Callback>
bool ShortestEdits(Numbers before, Numbers after, const Callback& callback) {
  const int n = static_cast<int>(before.size()), m = static_cast<int>(after.size());
  const int limit = std::min(n + m, kMaxEdits);
  std::vector<int> furthest(2 * limit + 3, 0);  // x for each diagonal x - y
  std::vector<std::vector<int>> trace;          // for d edits, the middle 2d + 1 diagonals
  const auto at = [&](int diagonal) -> int& { return furthest[diagonal + limit + 1]; };
  int edits = -1;
  for (int d = 0; d <= limit && edits < 0; ++d) {
    for (int k = -d; k <= d; k += 2) {
      const bool down = k == -d || (k != d && at(k - 1) < at(k + 1));
      int x = down ? at(k + 1) : at(k - 1) + 1;
      while (x < n && x - k < m && before[x] == after[x - k]) ++x;
      at(k) = x;
      if (x >= n && x - k >= m) edits = d;
    }
    trace.emplace_back(&at(-d), &at(d) + 1);
  }
  if (edits < 0) return false;
  int x = n, y = m;
  for (int d = edits; d > 0; --d) {
    const std::vector<int>& previous = trace[d - 1];
    const auto reached = [&](int diagonal) { return previous[diagonal + d - 1]; };
    const int k = x - y;
    const bool down = k == -d || (k != d && reached(k - 1) < reached(k + 1));
    const int from = down ? k + 1 : k - 1;
    const int from_x = reached(from), from_y = from_x - from;
    for (; x > from_x && y > from_y; --x, --y) callback(' ');
    callback(down ? '+' : '-');
    x = from_x;
    y = from_y;
  }
  for (; x > 0; --x) callback(' ');
  return true;
}

std::string Edits(Numbers before, Numbers after) {
  std::string edits;
  if (ShortestEdits(before, after, [&](char edit) { edits.push_back(edit); })) {
    std::reverse(edits.begin(), edits.end());
    return edits;
  }
  return std::string(before.size(), '-') + std::string(after.size(), '+');
}

}  // namespace

std::string LineDiff(absl::string_view before, absl::string_view after) {
  const Lines old_lines = Split(before), new_lines = Split(after);
  absl::flat_hash_map<absl::string_view, int> numbers;
  const auto number = [&](const Lines& lines) {
    std::vector<int> result;
    result.reserve(lines.size());
    for (absl::string_view line : lines) {
      result.push_back(numbers.try_emplace(line, static_cast<int>(numbers.size())).first->second);
    }
    return result;
  };
  const std::vector<int> old_numbers = number(old_lines), new_numbers = number(new_lines);

  const size_t shorter = std::min(old_numbers.size(), new_numbers.size());
  size_t head = 0, tail = 0;
  while (head < shorter && old_numbers[head] == new_numbers[head]) ++head;
  while (tail < shorter - head && old_numbers.rbegin()[static_cast<std::ptrdiff_t>(tail)] ==
                                      new_numbers.rbegin()[static_cast<std::ptrdiff_t>(tail)]) {
    ++tail;
  }
  const std::string edits =
      std::string(head, ' ') +
      Edits(Numbers(old_numbers).subspan(head, old_numbers.size() - head - tail),
            Numbers(new_numbers).subspan(head, new_numbers.size() - head - tail)) +
      std::string(tail, ' ');

  std::string text;
  text.reserve(before.size() + after.size());
  size_t old_at = 0, new_at = 0;
  for (char edit : edits) {
    const absl::string_view line = edit == '+' ? new_lines[new_at] : old_lines[old_at];
    if (edit != '+') ++old_at;
    if (edit != '-') ++new_at;
    absl::StrAppend(&text, absl::string_view(&edit, 1), line, "\n");
  }
  return text;
}

}  // namespace firebreak::policy
