// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_REFERENCE_COMMENT_H_
#define FIREBREAK_CLI_REFERENCE_COMMENT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"

namespace firebreak::cli {

// A comment of a .proto file, taken apart. Lines that begin with "Default:", "Range:" or "Example:"
// say just that, up to the end of the line; all others are the text.
struct Comment {
  std::string text;  // paragraphs with an empty line between them; each is one line
  std::string default_value;
  std::string range;
  std::string example;

  friend bool operator==(const Comment&, const Comment&) = default;
};

// `lines` is a comment as protoc keeps it: without slashes, a space in front of each line.
Comment ParseComment(absl::string_view lines);

// The comment above a declaration and the one behind it. Pools that were built without source
// information have none.
template <typename DescriptorType>
Comment ReadComment(const DescriptorType& descriptor) {
  google::protobuf::SourceLocation location;
  if (!descriptor.GetSourceLocation(&location)) return {};
  return ParseComment(location.leading_comments + "\n" + location.trailing_comments);
}

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_REFERENCE_COMMENT_H_
