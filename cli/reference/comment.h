// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_REFERENCE_COMMENT_H_
#define FIREBREAK_CLI_REFERENCE_COMMENT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"

namespace firebreak::cli {

// The parts of a .proto file's comment. Lines that begin with "Default:", "Range:" or "Example:"
// give these values; all other lines are the text.
struct Comment {
  std::string text;  // paragraphs with an empty line between them; each is one line
  std::string default_value;
  std::string range;
  std::string example;

  friend bool operator==(const Comment&, const Comment&) = default;
};

// Parses a comment in protoc's form: without slashes, with a space in front of each line.
Comment ParseComment(absl::string_view lines);

// Returns the comments above and behind a declaration; empty if the descriptor pool was built
// without source information.
template <typename DescriptorType>
Comment ReadComment(const DescriptorType& descriptor) {
  google::protobuf::SourceLocation location;
  if (!descriptor.GetSourceLocation(&location)) return {};
  return ParseComment(location.leading_comments + "\n" + location.trailing_comments);
}

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_REFERENCE_COMMENT_H_
