// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_WRITE_H_
#define FIREBREAK_POLICY_RESOURCES_WRITE_H_

#include <span>
#include <string>

#include "google/protobuf/message.h"

namespace firebreak::policy {

// Writes any message in the form that users write: protobuf's JSON mapping with the proto's field
// names; a message that has only `items` is a plain list, and a Resource has its `kind`. Unset
// fields are left out. 64-bit integers are numbers in YAML and strings in JSON. The text ends with
// a line break.

std::string ToJson(const google::protobuf::Message& message);
// Writes the messages as an array.
std::string ToJson(std::span<const google::protobuf::Message* const> messages);

std::string ToYaml(const google::protobuf::Message& message);
// Writes the messages as a sequence; resources become documents with "---" between them.
std::string ToYaml(std::span<const google::protobuf::Message* const> messages);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_WRITE_H_
