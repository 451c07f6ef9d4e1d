// SPDX-License-Identifier: Apache-2.0
#include "cli/output/page.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/text/escape.h"

namespace firebreak::cli {
namespace {

constexpr size_t kColumns = 80;
constexpr size_t kIndent = 4;
constexpr size_t kWidestTerm = 26;

// Breaks `text` into lines of kColumns; the first line already has `used` columns.
std::string Wrap(absl::string_view text, size_t indent, size_t used) {
  std::string out;
  size_t column = used;
  bool first = true;
  for (absl::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    const size_t width = Width(word);
    if (!first && column + 1 + width > kColumns) {
      absl::StrAppend(&out, "\n", std::string(indent, ' '));
      column = indent;
    } else if (!first) {
      out.push_back(' ');
      ++column;
    }
    absl::StrAppend(&out, word);
    column += width;
    first = false;
  }
  return out;
}

}  // namespace

void Page::Section(absl::string_view title) {
  absl::StrAppend(&text_, text_.empty() ? "" : "\n", title, "\n");
}

void Page::Paragraph(absl::string_view text) {
  if (!text.empty()) {
    absl::StrAppend(&text_, std::string(kIndent, ' '), Wrap(text, kIndent, kIndent));
  }
  text_.push_back('\n');
}

void Page::Paragraphs(absl::string_view text) {
  bool first = true;
  for (absl::string_view paragraph : absl::StrSplit(text, "\n\n", absl::SkipEmpty())) {
    if (!first) Paragraph("");
    Paragraph(paragraph);
    first = false;
  }
}

void Page::Verbatim(absl::string_view line) {
  absl::StrAppend(&text_, std::string(kIndent, ' '), line, "\n");
}

void Page::Terms(const std::vector<std::pair<std::string, std::string>>& terms) {
  size_t widest = 0;
  for (const auto& term : terms) widest = std::max(widest, Width(term.first));
  const size_t column = kIndent + std::min(widest, kWidestTerm) + 2;
  for (const auto& [term, meaning] : terms) {
    absl::StrAppend(&text_, std::string(kIndent, ' '), term);
    if (meaning.empty()) {
      text_.push_back('\n');
      continue;
    }
    const size_t used = kIndent + Width(term);
    if (used + 2 > column) {
      absl::StrAppend(&text_, "\n", std::string(column, ' '));
    } else {
      text_.append(column - used, ' ');
    }
    absl::StrAppend(&text_, Wrap(meaning, column, column), "\n");
  }
}

}  // namespace firebreak::cli
