#ifndef FIREBREAK_POLICY_RESOURCES_WRITE_H_
#define FIREBREAK_POLICY_RESOURCES_WRITE_H_

#include <span>
#include <string>

#include "google/protobuf/message.h"

namespace firebreak::policy {

// Any message in the form that users write: protobuf's JSON mapping with proto field names, where
// a message that has nothing but `items` is a plain list and a Resource has its `kind`. Unset
// fields are left out. In YAML 64-bit integers are numbers, in JSON strings. The text ends with a
// line break.

std::string ToJson(const google::protobuf::Message& message);
// An array.
std::string ToJson(std::span<const google::protobuf::Message* const> messages);

std::string ToYaml(const google::protobuf::Message& message);
// A sequence; of resources, documents with "---" between them.
std::string ToYaml(std::span<const google::protobuf::Message* const> messages);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_WRITE_H_
