// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/fill.h"

#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/duration.pb.h"
#include "policy/resources/names.h"
#include "policy/resources/nearest.h"
#include "policy/resources/time_span.h"

namespace firebreak::policy {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

std::string Describe(const SourceNode& node) {
  switch (node.kind) {
    case SourceNode::Kind::kNull: return "nothing";
    case SourceNode::Kind::kScalar: return Quoted(node.scalar);
    case SourceNode::Kind::kSequence: return "a list";
    case SourceNode::Kind::kMap: return "a map";
  }
  return "";
}

class Filler {
 public:
  explicit Filler(const ReportLine& report) : report_(report) {}

  void Fill(const SourceNode& node, absl::string_view skip, absl::string_view what,
            Message& message) {
    if (node.kind != SourceNode::Kind::kMap) {
      report_(node.line, absl::StrCat(what, " must be a map of settings, not ", Describe(node)));
      return;
    }
    const Descriptor& type = *message.GetDescriptor();
    for (size_t pair = 0; pair < node.PairCount(); ++pair) {
      const SourceNode& key = node.Key(pair);
      if (key.kind != SourceNode::Kind::kScalar || key.scalar == skip) continue;
      const FieldDescriptor* field = type.FindFieldByName(key.scalar);
      if (field == nullptr) {
        ReportUnknown(key, type, skip, what);
      } else {
        FillField(node.Value(pair), key.line, *field, message);
      }
    }
  }

 private:
  void ReportUnknown(const SourceNode& key, const Descriptor& type, absl::string_view skip,
                     absl::string_view what) {
    std::vector<std::string> fields;
    if (!skip.empty()) fields.emplace_back(skip);
    for (int i = 0; i < type.field_count(); ++i) fields.push_back(type.field(i)->name());
    const std::string nearest = DidYouMean(key.scalar, fields);
    report_(key.line,
            absl::StrCat("unknown field ", Quoted(key.scalar), " in ", what,
                         nearest.empty() ? absl::StrCat("; there are ", absl::StrJoin(fields, ", "))
                                         : nearest));
  }

  void FillField(const SourceNode& value, int key_line, const FieldDescriptor& field,
                 Message& message) {
    if (value.kind == SourceNode::Kind::kNull) {
      report_(key_line, absl::StrCat(field.name(), " has no value: leave it out",
                                     IsList(field) ? ", or write [] to say that there is none"
                                                   : ", or put a value in quotes"));
      return;
    }
    if (field.is_map()) {
      FillMap(value, field, message);
    } else if (field.is_repeated()) {
      FillList(value, field, field.name(), message);
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      Message& child = *message.GetReflection()->MutableMessage(&message, &field);
      const FieldDescriptor* items = ListField(*field.message_type());
      if (auto* span = dynamic_cast<google::protobuf::Duration*>(&child)) {
        if (!FillTimeSpan(value, field.name(), *span)) {
          message.GetReflection()->ClearField(&message, &field);
        }
      } else if (items != nullptr) {
        FillList(value, *items, field.name(), child);
      } else {
        Fill(value, "", field.name(), child);
      }
    } else {
      FillScalar(value, field, field.name(), message);
    }
  }

  bool FillTimeSpan(const SourceNode& value, absl::string_view name,
                    google::protobuf::Duration& span) {
    const absl::StatusOr<google::protobuf::Duration> parsed = ParseTimeSpan(value.scalar);
    if (!parsed.ok()) {
      report_(value.line, absl::StrCat(name, " must be ", parsed.status().message()));
      return false;
    }
    span = *parsed;
    return true;
  }

  static bool IsList(const FieldDescriptor& field) {
    return (field.is_repeated() && !field.is_map()) ||
           (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
            ListField(*field.message_type()) != nullptr);
  }

  void FillList(const SourceNode& value, const FieldDescriptor& field, absl::string_view name,
                Message& message) {
    const bool of_messages = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    if (value.kind == SourceNode::Kind::kScalar && !of_messages) {
      FillScalar(value, field, name, message);
      return;
    }
    if (value.kind != SourceNode::Kind::kSequence) {
      report_(value.line, absl::StrCat(name, " must be a list, not ", Describe(value)));
      return;
    }
    const std::string what = absl::StrCat("an item of ", name);
    for (const SourceNode& item : value.children) {
      if (of_messages) {
        Fill(item, "", what, *message.GetReflection()->AddMessage(&message, &field));
      } else {
        FillScalar(item, field, what, message);
      }
    }
  }

  // Users can write only maps from strings to strings.
  void FillMap(const SourceNode& value, const FieldDescriptor& field, Message& message) {
    const FieldDescriptor& key_field = *field.message_type()->map_key();
    const FieldDescriptor& value_field = *field.message_type()->map_value();
    if (value.kind != SourceNode::Kind::kMap) {
      report_(value.line, absl::StrCat(field.name(), " must be a map, not ", Describe(value)));
      return;
    }
    for (size_t pair = 0; pair < value.PairCount(); ++pair) {
      const SourceNode& key = value.Key(pair);
      if (key.kind != SourceNode::Kind::kScalar) continue;
      Message& entry = *message.GetReflection()->AddMessage(&message, &field);
      FillScalar(key, key_field, field.name(), entry);
      FillScalar(value.Value(pair), value_field, absl::StrCat("the value of ", Quoted(key.scalar)),
                 entry);
    }
  }

  // Sets a singular field, or adds to a repeated field.
  void FillScalar(const SourceNode& value, const FieldDescriptor& field, absl::string_view what,
                  Message& message) {
    if (value.kind != SourceNode::Kind::kScalar) {
      report_(value.line,
              absl::StrCat(what, " must be ", Expected(field), ", not ", Describe(value),
                           value.kind == SourceNode::Kind::kNull
                               ? "; put it in quotes if it is meant as text"
                               : ""));
      return;
    }
    const Reflection& reflection = *message.GetReflection();
    const bool add = field.is_repeated();
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        add ? reflection.AddString(&message, &field, value.scalar)
            : reflection.SetString(&message, &field, value.scalar);
        return;
      case FieldDescriptor::CPPTYPE_ENUM: {
        const EnumValueDescriptor* number = field.enum_type()->FindValueByName(value.scalar);
        if (number == nullptr || number->number() == 0) break;
        add ? reflection.AddEnum(&message, &field, number)
            : reflection.SetEnum(&message, &field, number);
        return;
      }
      case FieldDescriptor::CPPTYPE_BOOL: {
        if (value.scalar != "true" && value.scalar != "false") break;
        const bool truth = value.scalar == "true";
        add ? reflection.AddBool(&message, &field, truth)
            : reflection.SetBool(&message, &field, truth);
        return;
      }
      case FieldDescriptor::CPPTYPE_INT32: {
        int32_t number;
        if (!absl::SimpleAtoi(value.scalar, &number)) break;
        add ? reflection.AddInt32(&message, &field, number)
            : reflection.SetInt32(&message, &field, number);
        return;
      }
      case FieldDescriptor::CPPTYPE_UINT32: {
        uint32_t number;
        if (!absl::SimpleAtoi(value.scalar, &number)) break;
        add ? reflection.AddUInt32(&message, &field, number)
            : reflection.SetUInt32(&message, &field, number);
        return;
      }
      case FieldDescriptor::CPPTYPE_INT64: {
        int64_t number;
        if (!absl::SimpleAtoi(value.scalar, &number)) break;
        add ? reflection.AddInt64(&message, &field, number)
            : reflection.SetInt64(&message, &field, number);
        return;
      }
      case FieldDescriptor::CPPTYPE_UINT64: {
        uint64_t number;
        if (!absl::SimpleAtoi(value.scalar, &number)) break;
        add ? reflection.AddUInt64(&message, &field, number)
            : reflection.SetUInt64(&message, &field, number);
        return;
      }
      case FieldDescriptor::CPPTYPE_DOUBLE: {
        double number;
        if (!absl::SimpleAtod(value.scalar, &number)) break;
        add ? reflection.AddDouble(&message, &field, number)
            : reflection.SetDouble(&message, &field, number);
        return;
      }
      case FieldDescriptor::CPPTYPE_FLOAT:
      case FieldDescriptor::CPPTYPE_MESSAGE: break;  // users write no such field
    }
    report_(value.line,
            absl::StrCat(what, " must be ", Expected(field), ", not ", Describe(value)));
  }

  static std::string Expected(const FieldDescriptor& field) {
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING: return "text";
      case FieldDescriptor::CPPTYPE_ENUM: {
        std::vector<std::string> names;
        for (int i = 0; i < field.enum_type()->value_count(); ++i) {
          const EnumValueDescriptor& value = *field.enum_type()->value(i);
          if (value.number() != 0) names.push_back(value.name());
        }
        return absl::StrCat(names.size() > 1 ? "one of " : "", absl::StrJoin(names, ", "));
      }
      case FieldDescriptor::CPPTYPE_BOOL: return "true or false";
      case FieldDescriptor::CPPTYPE_INT32:
      case FieldDescriptor::CPPTYPE_INT64: return "a whole number";
      case FieldDescriptor::CPPTYPE_UINT32:
      case FieldDescriptor::CPPTYPE_UINT64: return "a whole number from 0";
      case FieldDescriptor::CPPTYPE_DOUBLE:
      case FieldDescriptor::CPPTYPE_FLOAT: return "a number";
      case FieldDescriptor::CPPTYPE_MESSAGE: return "a map";
    }
    return "";
  }

  const ReportLine& report_;
};

}  // namespace

void FillMessage(const SourceNode& node, absl::string_view skip, const ReportLine& report,
                 Message& message) {
  Filler(report).Fill(node, skip, absl::StrCat("a ", message.GetDescriptor()->name()), message);
}

const FieldDescriptor* ListField(const Descriptor& type) {
  if (type.field_count() != 1) return nullptr;
  const FieldDescriptor* field = type.field(0);
  return field->name() == "items" && field->is_repeated() && !field->is_map() ? field : nullptr;
}

}  // namespace firebreak::policy
