// SPDX-License-Identifier: Apache-2.0
#include "proto/text/make_text.h"

#include <string>
#include <vector>

#include "base/text/utf8.h"

namespace firebreak {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

bool IsText(const std::string& value) { return FindInvalidUtf8(value) == absl::string_view::npos; }

void MakeTextField(Message& message, const Reflection& reflection, const FieldDescriptor* field) {
  std::string scratch;
  if (!field->is_repeated()) {
    const std::string& value = reflection.GetStringReference(message, field, &scratch);
    if (!IsText(value)) reflection.SetString(&message, field, ToUtf8(value));
    return;
  }
  for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
    const std::string& value = reflection.GetRepeatedStringReference(message, field, i, &scratch);
    if (!IsText(value)) reflection.SetRepeatedString(&message, field, i, ToUtf8(value));
  }
}

}  // namespace

void MakeText(Message& message) {
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->type() == FieldDescriptor::TYPE_STRING) {
      MakeTextField(message, reflection, field);
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      if (!field->is_repeated()) {
        MakeText(*reflection.MutableMessage(&message, field));
        continue;
      }
      for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
        MakeText(*reflection.MutableRepeatedMessage(&message, field, i));
      }
    }
  }
}

}  // namespace firebreak
