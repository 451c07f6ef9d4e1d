#ifndef FIREBREAK_POLICY_RESOURCES_VALUE_H_
#define FIREBREAK_POLICY_RESOURCES_VALUE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "google/protobuf/message.h"

namespace firebreak::policy {

struct ValueField;

// What JSON and YAML have in common: a message as it is written, before the syntax.
struct Value {
  enum class Kind : uint8_t {
    kNumber,  // true and false too: written as it is
    kInt64,   // a number in YAML, a string in JSON, whose numbers are too small for some
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

// In the form that write.h describes.
Value ToValue(const google::protobuf::Message& message);

// The two syntaxes. Without a line break at the end.
std::string JsonText(const Value& value);
std::string YamlText(const Value& value);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_VALUE_H_
