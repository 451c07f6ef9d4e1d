// SPDX-License-Identifier: Apache-2.0
#include "cli/output/json.h"

#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"

namespace firebreak::cli {

std::string JsonOf(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string text;
  // The conversion can fail only for fields of type Any.
  static_cast<void>(google::protobuf::util::MessageToJsonString(message, &text, options));
  return text;
}

std::string JsonText(absl::string_view text) {
  google::protobuf::Value value;
  value.set_string_value(text.data(), text.size());
  return JsonOf(value);
}

}  // namespace firebreak::cli
