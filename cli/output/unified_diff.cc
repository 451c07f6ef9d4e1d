// SPDX-License-Identifier: Apache-2.0
#include "cli/output/unified_diff.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/text/escape.h"
#include "cli/output/colour.h"

namespace firebreak::cli {
namespace {

struct Line {
  char mark;  // '+', '-' or ' '
  absl::string_view text;
  size_t before;  // lines of the old text before this one
  size_t after;   // lines of the new text before this one
};

std::vector<Line> Number(absl::string_view diff) {
  std::vector<Line> lines;
  if (absl::EndsWith(diff, "\n")) diff.remove_suffix(1);
  if (diff.empty()) return lines;
  size_t before = 0;
  size_t after = 0;
  for (absl::string_view text : absl::StrSplit(diff, '\n')) {
    const char mark = text.empty() ? ' ' : text[0];
    lines.push_back({mark, text.empty() ? text : text.substr(1), before, after});
    if (mark != '+') ++before;
    if (mark != '-') ++after;
  }
  return lines;
}

// Returns a range as diff(1) writes it, such as "3,4"; an empty range names the line before it.
std::string Range(size_t above, size_t count) {
  return absl::StrCat(count == 0 ? above : above + 1, count == 1 ? "" : absl::StrCat(",", count));
}

Colour ColourOf(char mark) {
  return mark == '+' ? Colour::kGreen : mark == '-' ? Colour::kRed : Colour::kNone;
}

void AppendHunk(const std::vector<Line>& lines, size_t begin, size_t end, bool colours,
                std::string& out) {
  size_t old_count = 0;
  size_t new_count = 0;
  for (size_t i = begin; i < end; ++i) {
    if (lines[i].mark != '+') ++old_count;
    if (lines[i].mark != '-') ++new_count;
  }
  const std::string head = absl::StrCat("@@ -", Range(lines[begin].before, old_count), " +",
                                        Range(lines[begin].after, new_count), " @@");
  absl::StrAppend(&out, Paint(head, Colour::kCyan, colours), "\n");
  for (size_t i = begin; i < end; ++i) {
    const std::string text = absl::StrCat(std::string(1, lines[i].mark), Escape(lines[i].text));
    absl::StrAppend(&out, Paint(text, ColourOf(lines[i].mark), colours), "\n");
  }
}

}  // namespace

std::string UnifiedDiff(absl::string_view diff, bool colours, int context) {
  const std::vector<Line> lines = Number(diff);
  const auto around = static_cast<size_t>(context);
  std::string out;
  size_t begin = 0;  // where the current hunk begins
  size_t end = 0;    // equal to begin: there is no current hunk
  for (size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].mark == ' ') continue;
    const size_t first = i > around ? i - around : 0;
    if (end > begin && first > end) {
      AppendHunk(lines, begin, end, colours, out);
      end = begin;
    }
    if (end == begin) begin = first;
    end = std::min(lines.size(), i + around + 1);
  }
  if (end > begin) AppendHunk(lines, begin, end, colours, out);
  return out;
}

}  // namespace firebreak::cli
