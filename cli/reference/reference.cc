// SPDX-License-Identifier: Apache-2.0
#include "cli/reference/reference.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "cli/reference/comment.h"
#include "cli/reference/resources_descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "policy/resources/fill.h"
#include "policy/resources/names.h"
#include "policy/resources/nearest.h"

namespace firebreak::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

// Only verbs write edits; files cannot contain them.
constexpr absl::string_view kEdit = "Edit";

bool IsSpan(const Descriptor& type) { return type.full_name() == "google.protobuf.Duration"; }

// Returns the message whose fields are written below this field; null if the field has a plain
// value or a list of plain values.
const Descriptor* FieldsOf(const FieldDescriptor& field) {
  if (field.is_map() || field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return nullptr;
  const Descriptor& type = *field.message_type();
  if (IsSpan(type)) return nullptr;
  if (const FieldDescriptor* items = policy::ListField(type)) return FieldsOf(*items);
  return &type;
}

std::vector<ValueEntry> ValuesOf(const EnumDescriptor& type) {
  std::vector<ValueEntry> values;
  for (int i = 0; i < type.value_count(); ++i) {
    // Zero means that the field is not set.
    if (type.value(i)->number() == 0) continue;
    values.push_back({type.value(i)->name(), ReadComment(*type.value(i)).text});
  }
  return values;
}

std::string OneOf(const EnumDescriptor& type) {
  std::vector<std::string> names;
  for (const ValueEntry& value : ValuesOf(type)) names.push_back(value.name);
  if (names.size() < 2) return absl::StrJoin(names, "");
  const std::string last = std::move(names.back());
  names.pop_back();
  return absl::StrCat(absl::StrJoin(names, ", "), " or ", last);
}

std::string TypeOfOne(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL: return "true or false";
    case FieldDescriptor::CPPTYPE_ENUM: return OneOf(*field.enum_type());
    case FieldDescriptor::CPPTYPE_STRING: return "text";
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return IsSpan(*field.message_type()) ? "time span" : "map of fields";
    default: return "number";
  }
}

std::string TypeOf(const FieldDescriptor& field) {
  if (field.is_map()) {
    return absl::StrCat("map of text to ", TypeOfOne(*field.message_type()->FindFieldByNumber(2)));
  }
  const FieldDescriptor* one = &field;
  bool list = field.is_repeated();
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    if (const FieldDescriptor* items = policy::ListField(*field.message_type())) {
      one = items;
      list = true;
    }
  }
  if (!list) return TypeOfOne(*one);
  const std::string type = TypeOfOne(*one);
  return absl::StrCat("list of ", type == "map of fields" ? "maps of fields" : type);
}

std::string ShapeOf(const FieldDescriptor& field) {
  if (const Descriptor* type = FieldsOf(field)) return type->full_name();
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) return field.enum_type()->full_name();
  return "";
}

FieldEntry EntryOf(const FieldDescriptor& field) {
  Comment comment = ReadComment(field);
  return {.name = field.name(),
          .type = TypeOf(field),
          .text = std::move(comment.text),
          .default_value = std::move(comment.default_value),
          .range = std::move(comment.range),
          .example = std::move(comment.example),
          .shape = ShapeOf(field)};
}

std::vector<FieldEntry> EntriesOf(const Descriptor& type) {
  std::vector<FieldEntry> entries;
  for (int i = 0; i < type.field_count(); ++i) entries.push_back(EntryOf(*type.field(i)));
  return entries;
}

Topic TopicOf(const FieldDescriptor& field, std::string path) {
  Topic topic{std::move(path), EntryOf(field), {}, {}};
  if (const Descriptor* type = FieldsOf(field)) topic.fields = EntriesOf(*type);
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    topic.values = ValuesOf(*field.enum_type());
  }
  return topic;
}

// Makes spellings of a kind comparable: "rollout_strategy" and "RolloutStrategy" are the same.
std::string Plain(absl::string_view name) {
  std::string plain = absl::AsciiStrToLower(std::string(name));
  plain.erase(std::remove_if(plain.begin(), plain.end(),
                             [](char letter) { return letter == '_' || letter == '-'; }),
              plain.end());
  return plain;
}

absl::Status NoSuch(absl::string_view what, absl::string_view name,
                    const std::vector<std::string>& known) {
  const std::string nearest = policy::DidYouMean(name, known);
  return absl::NotFoundError(absl::StrCat(
      "there is no ", what, " ", policy::Quoted(name),
      nearest.empty() ? absl::StrCat("; there are ", absl::StrJoin(known, ", ")) : nearest));
}

}  // namespace

const Reference& Reference::Get() {
  static const Reference* reference = new Reference();
  return *reference;
}

Reference::Reference() {
  google::protobuf::FileDescriptorSet files;
  const absl::string_view bytes = ResourcesDescriptor();
  const bool parsed = files.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  bool built = parsed;
  for (const auto& file : files.file()) built = built && pool_.BuildFile(file) != nullptr;
  if (!built) {
    // The program's own build made it, so it cannot be damaged unless the program is.
    fprintf(stderr, "firebreak: the description of the files is damaged in this program\n");
    abort();
  }
}

std::vector<const FieldDescriptor*> Reference::KindFields() const {
  std::vector<const FieldDescriptor*> kinds;
  const Descriptor& resource = *pool_.FindMessageTypeByName("firebreak.v1.Resource");
  for (int i = 0; i < resource.field_count(); ++i) {
    const FieldDescriptor& field = *resource.field(i);
    if (field.containing_oneof() == nullptr || field.message_type()->name() == kEdit) continue;
    kinds.push_back(&field);
  }
  return kinds;
}

std::vector<std::string> Reference::Kinds() const {
  std::vector<std::string> names;
  for (const FieldDescriptor* kind : KindFields()) names.push_back(kind->message_type()->name());
  std::sort(names.begin(), names.end());
  return names;
}

absl::StatusOr<Topic> Reference::Find(absl::string_view path) const {
  const std::vector<std::string> parts = absl::StrSplit(std::string(path), '.');
  const std::vector<const FieldDescriptor*> kinds = KindFields();
  const auto kind = std::find_if(kinds.begin(), kinds.end(), [&](const FieldDescriptor* one) {
    return Plain(one->message_type()->name()) == Plain(parts.front());
  });
  if (kind == kinds.end()) return NoSuch("kind of resource", parts.front(), Kinds());

  const Descriptor* type = (*kind)->message_type();
  std::string found = type->name();
  if (parts.size() == 1) {
    Topic topic{found, {}, EntriesOf(*type), {}};
    topic.entry.name = found;
    topic.entry.type = "kind of resource";
    topic.entry.text = ReadComment(*type).text;
    topic.entry.shape = type->full_name();
    return topic;
  }
  for (size_t i = 1;; ++i) {
    const FieldDescriptor* field = type->FindFieldByName(parts[i]);
    if (field == nullptr) {
      std::vector<std::string> known;
      for (const FieldEntry& entry : EntriesOf(*type)) known.push_back(entry.name);
      return NoSuch(absl::StrCat("field of ", found), parts[i], known);
    }
    absl::StrAppend(&found, ".", parts[i]);
    if (i + 1 == parts.size()) return TopicOf(*field, std::move(found));
    type = FieldsOf(*field);
    if (type == nullptr) {
      return absl::NotFoundError(absl::StrCat(found, " has no fields: it is ", TypeOf(*field)));
    }
  }
}

}  // namespace firebreak::cli
