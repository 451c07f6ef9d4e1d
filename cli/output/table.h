// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_OUTPUT_TABLE_H_
#define FIREBREAK_CLI_OUTPUT_TABLE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "cli/output/colour.h"

namespace firebreak::cli {

// One field of a table. Its text may come from anywhere, because it is escaped. An empty text is
// shown as "-", so that scripts can count columns.
struct Cell {
  Cell(absl::string_view text) : text(text) {}   // NOLINT(google-explicit-constructor)
  Cell(const std::string& text) : text(text) {}  // NOLINT(google-explicit-constructor)
  Cell(const char* text) : text(text) {}         // NOLINT(google-explicit-constructor)
  Cell(absl::string_view text, Colour colour) : text(text), colour(colour) {}

  std::string text;
  Colour colour = Colour::kNone;
};

// A table as text: rows in aligned columns below a header, with two spaces between columns, no
// borders and no trailing white space.
class Table {
 public:
  explicit Table(std::vector<Cell> header);

  // A row must have as many cells as the header.
  void AddRow(std::vector<Cell> row);

  // The number of rows that Take has not returned yet.
  size_t rows() const { return rows_.size() - (taken_ ? 0 : 1); }

  // Limits the length of lines of all tables, as far as their columns can be narrowed; longer texts
  // continue on the next line. 0, the default, means no limit. Set this once, before other threads
  // make tables.
  static void LimitWidth(size_t columns);

  // Returns the whole table. Each line is preceded by `indent` spaces and ends with a line feed.
  std::string Text(bool colours, size_t indent = 0) const;

  // Returns the rows so far, the first time with the header, and forgets them; for tables that are
  // too long to keep. Columns are as wide as the rows so far need.
  std::string Take(bool colours);

 private:
  std::vector<size_t> FittingWidths(size_t indent) const;

  std::vector<std::vector<Cell>> rows_;  // the first one is the header
  bool taken_ = false;                   // Take has returned the header
  std::vector<size_t> widths_;
  std::vector<size_t> header_widths_;
};

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_OUTPUT_TABLE_H_
