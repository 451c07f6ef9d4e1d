// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_OUTPUT_PAGE_H_
#define FIREBREAK_CLI_OUTPUT_PAGE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace firebreak::cli {

// A page of help in the manner of man(1): sections with indented text in lines of 80 columns.
class Page {
 public:
  void Section(absl::string_view title);

  // An empty paragraph gives an empty line.
  void Paragraph(absl::string_view text);

  // Adds the paragraphs of a text, which separates them by empty lines.
  void Paragraphs(absl::string_view text);

  // Adds a line that is not wrapped, so that it can be copied.
  void Verbatim(absl::string_view line);

  // Lists terms with their explanations beside them.
  void Terms(const std::vector<std::pair<std::string, std::string>>& terms);

  std::string Take() && { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_OUTPUT_PAGE_H_
