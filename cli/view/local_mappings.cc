// SPDX-License-Identifier: Apache-2.0
#include "cli/view/local_mappings.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "base/time/timestamp.h"
#include "cli/view/mappings.h"

namespace firebreak::cli {
namespace {

using google::protobuf::Message;

std::string TimeText(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", FromTimestamp(time), absl::UTCTimeZone());
}

// Returns a text such as "eth0 at home" or "any".
std::string Where(const v1::LocalMapping& mapping) {
  const std::string interface = mapping.interface().empty() ? "any" : mapping.interface();
  return mapping.location().empty() ? interface : absl::StrCat(interface, " at ", mapping.location());
}

std::string Number(const v1::LocalMapping& mapping) { return absl::StrCat(mapping.number()); }

}  // namespace

std::string UntilText(const v1::LocalMapping& mapping) {
  std::vector<std::string> parts;
  if (mapping.has_ends()) {
    parts.push_back(TimeText(mapping.ends()));
  } else if (mapping.seconds() != 0) {
    parts.push_back(
        absl::StrCat(absl::FormatDuration(absl::Seconds(static_cast<int64_t>(mapping.seconds()))),
                     " after the grant"));
  }
  if (!mapping.unit().empty()) parts.push_back(absl::StrCat("the end of ", mapping.unit()));
  return parts.empty() ? "it is removed" : absl::StrJoin(parts, ", or ");
}

AnswerView RequestsView() {
  AnswerView view;
  view.columns = {"NUMBER", "ASKED", "USER", "WHAT", "FROM", "ON", "UNTIL", "REASON", "PROGRAM"};
  view.none = "no program asks for a mapping";
  view.items = [](const v1::Answer& part) {
    std::vector<const Message*> items;
    for (const v1::LocalMapping& one : part.local_mapping().asked()) items.push_back(&one);
    return items;
  };
  view.row = [](const Message& item) -> std::vector<Cell> {
    const auto& one = static_cast<const v1::LocalMapping&>(item);
    return {Number(one),          TimeText(one.at()),     one.user(),
            Opens(one.mapping()), Senders(one.mapping()), Where(one),
            UntilText(one),       one.reason(),           one.program()};
  };
  return view;
}

AnswerView OwnMappingsView() {
  AnswerView view;
  view.columns = {"NUMBER", "NAME", "WHAT", "FROM", "ON", "UNTIL", "BY", "FOR", "REASON"};
  view.none =
      "this host itself has opened no mapping; `firebreak --local mappings` shows what its "
      "policies open";
  view.items = [](const v1::Answer& part) {
    std::vector<const Message*> items;
    for (const v1::LocalMapping& one : part.local_mapping().open()) items.push_back(&one);
    return items;
  };
  view.row = [](const Message& item) -> std::vector<Cell> {
    const auto& one = static_cast<const v1::LocalMapping&>(item);
    return {Number(one),          one.mapping().name(),
            Opens(one.mapping()), Senders(one.mapping()),
            Where(one),           UntilText(one),
            one.granted_by(),     absl::StrCat(one.program(), ", of ", one.user()),
            one.reason()};
  };
  return view;
}

}  // namespace firebreak::cli
