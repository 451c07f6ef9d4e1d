// SPDX-License-Identifier: Apache-2.0
#include "cli/output/table.h"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/text/escape.h"

namespace firebreak::cli {
namespace {

constexpr size_t kGap = 2;        // columns between two columns of the table
constexpr size_t kNarrowest = 8;  // the least width to which a column is narrowed

size_t limit = 0;  // the longest line; 0: no limit

// Returns where the character behind the one at `at` begins.
size_t NextCharacter(absl::string_view text, size_t at) {
  do {
    ++at;
  } while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80);
  return at;
}

// Breaks the text into lines of at most `width` characters, behind a space or a comma if possible.
std::vector<std::string> Wrapped(absl::string_view text, size_t width) {
  std::vector<std::string> lines;
  while (Width(text) > width) {
    size_t end = 0, after_gap = 0;
    for (size_t count = 0; count < width; ++count) {
      end = NextCharacter(text, end);
      if (text[end - 1] == ' ' || text[end - 1] == ',') after_gap = end;
    }
    if (text[end] == ' ') after_gap = end + 1;
    if (after_gap != 0) end = after_gap;
    lines.emplace_back(absl::StripTrailingAsciiWhitespace(text.substr(0, end)));
    text.remove_prefix(end);
  }
  if (!text.empty() || lines.empty()) lines.emplace_back(text);
  return lines;
}

}  // namespace

Table::Table(std::vector<Cell> header) : widths_(header.size(), 0) {
  for (Cell& cell : header) cell.colour = Colour::kBold;
  AddRow(std::move(header));
  header_widths_ = widths_;
}

void Table::AddRow(std::vector<Cell> row) {
  assert(row.size() == widths_.size());
  for (size_t i = 0; i < row.size(); ++i) {
    row[i].text = row[i].text.empty() ? "-" : Escape(row[i].text);
    widths_[i] = std::max(widths_[i], Width(row[i].text));
  }
  rows_.push_back(std::move(row));
}

void Table::LimitWidth(size_t columns) { limit = columns; }

// The widest columns are narrowed first, but no column to less than the width of its header.
std::vector<size_t> Table::FittingWidths(size_t indent) const {
  std::vector<size_t> widths = widths_;
  size_t line = std::accumulate(widths.begin(), widths.end(), indent + kGap * (widths.size() - 1));
  while (limit != 0 && line > limit) {
    size_t* widest = nullptr;
    for (size_t i = 0; i < widths.size(); ++i) {
      const size_t least = std::max(kNarrowest, header_widths_[i]);
      if (widths[i] > least && (widest == nullptr || widths[i] > *widest)) widest = &widths[i];
    }
    if (widest == nullptr) break;
    --*widest;
    --line;
  }
  return widths;
}

std::string Table::Text(bool colours, size_t indent) const {
  const std::vector<size_t> widths = FittingWidths(indent);
  std::string text;
  for (const std::vector<Cell>& row : rows_) {
    std::vector<std::vector<std::string>> cells;
    size_t lines = 1;
    for (size_t i = 0; i < row.size(); ++i) {
      cells.push_back(Wrapped(row[i].text, widths[i]));
      lines = std::max(lines, cells[i].size());
    }
    for (size_t line = 0; line < lines; ++line) {
      text.append(indent, ' ');
      size_t blanks = 0;  // pending spaces; they are dropped at the end of a line
      for (size_t i = 0; i < row.size(); ++i) {
        const std::string part = line < cells[i].size() ? cells[i][line] : "";
        if (!part.empty()) {
          text.append(std::exchange(blanks, 0), ' ');
          absl::StrAppend(&text, Paint(part, row[i].colour, colours));
        }
        blanks += widths[i] - std::min(widths[i], Width(part)) + kGap;
      }
      text.push_back('\n');
    }
  }
  return text;
}

std::string Table::Take(bool colours) {
  std::string text = Text(colours);
  rows_.clear();
  taken_ = true;
  return text;
}

}  // namespace firebreak::cli
