#include "cli/verbs/print.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/util/json_util.h"

namespace firebreak::cli {
namespace {

std::string Json(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.add_whitespace = true;
  std::string text;
  if (!google::protobuf::util::MessageToJsonString(message, &text, options).ok()) text = "null\n";
  return text;
}

}  // namespace

void PrintData(Session& session, const google::protobuf::Message& message) {
  session.out() << Json(message);
}

void PrintDataList(Session& session,
                   const std::vector<const google::protobuf::Message*>& messages) {
  session.out() << "["
                << absl::StrJoin(messages, ",",
                                 [](std::string* out, const google::protobuf::Message* message) {
                                   absl::StrAppend(out, Json(*message));
                                 })
                << "]\n";
}

}  // namespace firebreak::cli
