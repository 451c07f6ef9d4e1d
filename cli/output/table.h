#ifndef FIREBREAK_CLI_OUTPUT_TABLE_H_
#define FIREBREAK_CLI_OUTPUT_TABLE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "cli/output/colour.h"

namespace firebreak::cli {

// One field of a table. The text is escaped when the table takes it, so that it may come from
// anywhere; an empty one is shown as "-", which keeps columns countable in a script.
struct Cell {
  Cell(absl::string_view text) : text(text) {}   // NOLINT(google-explicit-constructor)
  Cell(const std::string& text) : text(text) {}  // NOLINT(google-explicit-constructor)
  Cell(const char* text) : text(text) {}         // NOLINT(google-explicit-constructor)
  Cell(absl::string_view text, Colour colour) : text(text), colour(colour) {}

  std::string text;
  Colour colour = Colour::kNone;
};

// Rows in aligned columns below a header, two spaces between columns, no borders, no white space
// at the end of a line.
class Table {
 public:
  explicit Table(std::vector<Cell> header);

  // A row has as many cells as the header.
  void AddRow(std::vector<Cell> row);

  // Rows that Take has not returned.
  size_t rows() const { return rows_.size() - (taken_ ? 0 : 1); }

  // No line of any table is longer than this from now on, if its columns can be made so narrow:
  // longer texts go on below. 0, as it is at first: lines are as long as they are. Set once, before
  // other threads make tables.
  static void LimitWidth(size_t columns);

  // Each line ends with a line feed; `indent` spaces stand before it.
  std::string Text(bool colours, size_t indent = 0) const;

  // The text of the rows so far, the header first, and forgets them: for tables that are too long
  // to keep. Columns are as wide as what has come needs.
  std::string Take(bool colours);

 private:
  std::vector<size_t> FittingWidths(size_t indent) const;

  std::vector<std::vector<Cell>> rows_;  // the header is the first
  bool taken_ = false;                   // and it is gone
  std::vector<size_t> widths_;
  std::vector<size_t> header_widths_;
};

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_OUTPUT_TABLE_H_
