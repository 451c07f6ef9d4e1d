// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_VALUE_H_
#define FIREBREAK_POLICY_RESOURCES_VALUE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "google/protobuf/message.h"

namespace firebreak::policy {

struct ValueField;

// A message's content, before the syntax of JSON or YAML is chosen.
struct Value {
  enum class Kind : uint8_t {
    kNumber,  // also true and false, which are written in the same way
    // A number in YAML; a string in JSON, whose numbers cannot hold all 64-bit integers.
    kInt64,
    kText,
    kList,
    kMap,
  };

  Kind kind = Kind::kMap;
  std::string text;
  std::vector<Value> items;
  std::vector<ValueField> fields;

  static Value Text(std::string text);
};

struct ValueField {
  std::string name;
  Value value;
};

// Converts a message to the form that write.h describes.
Value ToValue(const google::protobuf::Message& message);

// Return the value in one of the two syntaxes, without a line break at the end.
std::string JsonText(const Value& value);
std::string YamlText(const Value& value);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_VALUE_H_
