// SPDX-License-Identifier: Apache-2.0
#include "cli/reference/comment.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace firebreak::cli {

Comment ParseComment(absl::string_view lines) {
  Comment comment;
  bool new_paragraph = false;
  for (absl::string_view line : absl::StrSplit(lines, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (line.empty()) {
      new_paragraph = !comment.text.empty();
      continue;
    }
    if (absl::ConsumePrefix(&line, "Default: ")) {
      comment.default_value = std::string(line);
    } else if (absl::ConsumePrefix(&line, "Range: ")) {
      comment.range = std::string(line);
    } else if (absl::ConsumePrefix(&line, "Example: ")) {
      comment.example = std::string(line);
    } else {
      if (!comment.text.empty()) comment.text += new_paragraph ? "\n\n" : " ";
      absl::StrAppend(&comment.text, line);
      new_paragraph = false;
    }
  }
  return comment;
}

}  // namespace firebreak::cli
