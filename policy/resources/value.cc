// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/value.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/time/timestamp.h"
#include "firebreak/v1/resources.pb.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "policy/resources/fill.h"
#include "policy/resources/time_span.h"

namespace firebreak::policy {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using Kind = Value::Kind;

template <typename Number>
Value NumberValue(Kind kind, Number number) {
  return {.kind = kind, .text = absl::StrCat(number)};
}

Value EnumValue(const FieldDescriptor& field, int number) {
  const auto* value = field.enum_type()->FindValueByNumber(number);
  if (value == nullptr) return NumberValue(Kind::kNumber, number);
  return Value::Text(value->name());
}

Value BytesOrText(const FieldDescriptor& field, const std::string& bytes) {
  if (field.type() == FieldDescriptor::TYPE_BYTES) return Value::Text(absl::Base64Escape(bytes));
  return Value::Text(bytes);
}

// `index` is negative for a singular field.
Value FieldValue(const Message& message, const FieldDescriptor& field, int index) {
  const Reflection& reflection = *message.GetReflection();
  const bool one = index < 0;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return NumberValue(Kind::kNumber, one ? reflection.GetInt32(message, &field)
                                            : reflection.GetRepeatedInt32(message, &field, index));
    case FieldDescriptor::CPPTYPE_UINT32:
      return NumberValue(Kind::kNumber, one ? reflection.GetUInt32(message, &field)
                                            : reflection.GetRepeatedUInt32(message, &field, index));
    case FieldDescriptor::CPPTYPE_INT64:
      return NumberValue(Kind::kInt64, one ? reflection.GetInt64(message, &field)
                                           : reflection.GetRepeatedInt64(message, &field, index));
    case FieldDescriptor::CPPTYPE_UINT64:
      return NumberValue(Kind::kInt64, one ? reflection.GetUInt64(message, &field)
                                           : reflection.GetRepeatedUInt64(message, &field, index));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return NumberValue(Kind::kNumber, one ? reflection.GetDouble(message, &field)
                                            : reflection.GetRepeatedDouble(message, &field, index));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return NumberValue(Kind::kNumber, one ? reflection.GetFloat(message, &field)
                                            : reflection.GetRepeatedFloat(message, &field, index));
    case FieldDescriptor::CPPTYPE_BOOL: {
      const bool truth = one ? reflection.GetBool(message, &field)
                             : reflection.GetRepeatedBool(message, &field, index);
      return {.kind = Kind::kNumber, .text = truth ? "true" : "false"};
    }
    case FieldDescriptor::CPPTYPE_ENUM:
      return EnumValue(field, one ? reflection.GetEnumValue(message, &field)
                                  : reflection.GetRepeatedEnumValue(message, &field, index));
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string scratch;
      return BytesOrText(
          field, one ? reflection.GetStringReference(message, &field, &scratch)
                     : reflection.GetRepeatedStringReference(message, &field, index, &scratch));
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return ToValue(one ? reflection.GetMessage(message, &field)
                         : reflection.GetRepeatedMessage(message, &field, index));
  }
  return {};
}

Value RepeatedValue(const Message& message, const FieldDescriptor& field) {
  const int size = message.GetReflection()->FieldSize(message, &field);
  if (!field.is_map()) {
    Value list = {.kind = Kind::kList};
    list.items.reserve(size);
    for (int i = 0; i < size; ++i) list.items.push_back(FieldValue(message, field, i));
    return list;
  }
  Value map = {.kind = Kind::kMap};
  for (int i = 0; i < size; ++i) {
    const Message& entry = message.GetReflection()->GetRepeatedMessage(message, &field, i);
    map.fields.push_back({FieldValue(entry, *field.message_type()->map_key(), -1).text,
                          FieldValue(entry, *field.message_type()->map_value(), -1)});
  }
  std::sort(map.fields.begin(), map.fields.end(),
            [](const ValueField& a, const ValueField& b) { return a.name < b.name; });
  return map;
}

// Returns the time in the form of RFC 3339.
Value TimestampValue(const google::protobuf::Timestamp& timestamp) {
  return Value::Text(
      absl::FormatTime("%Y-%m-%d%ET%H:%M:%E*SZ", FromTimestamp(timestamp), absl::UTCTimeZone()));
}

Value ResourceValue(const v1::Resource& resource) {
  const auto* field = resource.GetReflection()->GetOneofFieldDescriptor(
      resource, v1::Resource::descriptor()->oneof_decl(0));
  if (field == nullptr) return {};
  Value value = ToValue(resource.GetReflection()->GetMessage(resource, field));
  value.fields.insert(value.fields.begin(), {"kind", Value::Text(field->message_type()->name())});
  return value;
}

}  // namespace

Value Value::Text(std::string text) { return {.kind = Kind::kText, .text = std::move(text)}; }

Value ToValue(const Message& message) {
  if (const auto* timestamp = dynamic_cast<const google::protobuf::Timestamp*>(&message)) {
    return TimestampValue(*timestamp);
  }
  if (const auto* span = dynamic_cast<const google::protobuf::Duration*>(&message)) {
    return Value::Text(TimeSpanText(*span));
  }
  if (const auto* resource = dynamic_cast<const v1::Resource*>(&message)) {
    return ResourceValue(*resource);
  }
  const google::protobuf::Descriptor& type = *message.GetDescriptor();
  if (const FieldDescriptor* items = ListField(type)) return RepeatedValue(message, *items);
  Value map;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (field.is_repeated()) {
      if (message.GetReflection()->FieldSize(message, &field) == 0) continue;
      map.fields.push_back({field.name(), RepeatedValue(message, field)});
    } else if (message.GetReflection()->HasField(message, &field)) {
      map.fields.push_back({field.name(), FieldValue(message, field, -1)});
    }
  }
  return map;
}

}  // namespace firebreak::policy
