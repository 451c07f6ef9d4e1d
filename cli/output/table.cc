#include "cli/output/table.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/text/escape.h"

namespace firebreak::cli {

Table::Table(std::vector<Cell> header) : widths_(header.size(), 0) {
  for (Cell& cell : header) cell.colour = Colour::kBold;
  AddRow(std::move(header));
}

void Table::AddRow(std::vector<Cell> row) {
  assert(row.size() == widths_.size());
  for (size_t i = 0; i < row.size(); ++i) {
    row[i].text = row[i].text.empty() ? "-" : Escape(row[i].text);
    widths_[i] = std::max(widths_[i], Width(row[i].text));
  }
  rows_.push_back(std::move(row));
}

std::string Table::Text(bool colours, size_t indent) const {
  std::string text;
  for (const std::vector<Cell>& row : rows_) {
    text.append(indent, ' ');
    for (size_t i = 0; i < row.size(); ++i) {
      absl::StrAppend(&text, Paint(row[i].text, row[i].colour, colours));
      if (i + 1 < row.size()) text.append(widths_[i] - Width(row[i].text) + 2, ' ');
    }
    text.push_back('\n');
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
