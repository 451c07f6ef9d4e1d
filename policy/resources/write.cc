// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/write.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "firebreak/v1/resources.pb.h"
#include "policy/resources/value.h"

namespace firebreak::policy {
namespace {

using google::protobuf::Message;

Value ListOf(std::span<const Message* const> messages) {
  Value list = {.kind = Value::Kind::kList};
  for (const Message* message : messages) list.items.push_back(ToValue(*message));
  return list;
}

}  // namespace

std::string ToJson(const Message& message) {
  return absl::StrCat(JsonText(ToValue(message)), "\n");
}

std::string ToJson(std::span<const Message* const> messages) {
  return absl::StrCat(JsonText(ListOf(messages)), "\n");
}

std::string ToYaml(const Message& message) {
  return absl::StrCat(YamlText(ToValue(message)), "\n");
}

std::string ToYaml(std::span<const Message* const> messages) {
  const bool resources = !messages.empty() &&
                         std::all_of(messages.begin(), messages.end(), [](const Message* message) {
                           return message->GetDescriptor() == v1::Resource::descriptor();
                         });
  if (!resources) return absl::StrCat(YamlText(ListOf(messages)), "\n");
  std::string text;
  for (const Message* message : messages) {
    absl::StrAppend(&text, text.empty() ? "" : "---\n", ToYaml(*message));
  }
  return text;
}

}  // namespace firebreak::policy
