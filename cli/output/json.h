// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_OUTPUT_JSON_H_
#define FIREBREAK_CLI_OUTPUT_JSON_H_

#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace firebreak::cli {

// Returns the message in Protobuf's JSON form, on one line, with the fields' names as in the .proto
// files. The message must have no field of type Any.
std::string JsonOf(const google::protobuf::Message& message);

// Returns the text as a JSON string, in its quotes. The text must be UTF-8.
std::string JsonText(absl::string_view text);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_OUTPUT_JSON_H_
