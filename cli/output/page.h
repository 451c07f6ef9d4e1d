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

  // An empty one is an empty line.
  void Paragraph(absl::string_view text);

  // For what is to be copied: not wrapped.
  void Verbatim(absl::string_view line);

  // Terms and what they mean, side by side.
  void Terms(const std::vector<std::pair<std::string, std::string>>& terms);

  std::string Take() && { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_OUTPUT_PAGE_H_
