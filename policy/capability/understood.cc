// SPDX-License-Identifier: Apache-2.0
#include "policy/capability/understood.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status/status.h"
#include "google/protobuf/unknown_field_set.h"

namespace firebreak::policy {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

absl::Status NotUnderstood(absl::string_view where, absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("at ", where, ": ", what, ", which this program does not know; upgrade it"));
}

absl::Status CheckValues(const Message& message, const Reflection& reflection,
                         const FieldDescriptor& field) {
  const int count = field.is_repeated() ? reflection.FieldSize(message, &field) : 1;
  for (int i = 0; i < count; ++i) {
    const int value = field.is_repeated() ? reflection.GetRepeatedEnumValue(message, &field, i)
                                          : reflection.GetEnumValue(message, &field);
    if (field.enum_type()->FindValueByNumber(value) == nullptr) {
      return NotUnderstood(field.full_name(), absl::StrCat("value ", value));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckUnderstood(const Message& message) {
  const Reflection& reflection = *message.GetReflection();
  const auto& unknown = reflection.GetUnknownFields(message);
  if (!unknown.empty()) {
    return NotUnderstood(message.GetDescriptor()->full_name(),
                         absl::StrCat("field ", unknown.field(0).number()));
  }
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
      RETURN_IF_ERROR(CheckValues(message, reflection, *field));
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      const int count = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
      for (int i = 0; i < count; ++i) {
        RETURN_IF_ERROR(CheckUnderstood(field->is_repeated()
                                            ? reflection.GetRepeatedMessage(message, field, i)
                                            : reflection.GetMessage(message, field)));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace firebreak::policy
