// SPDX-License-Identifier: Apache-2.0
#include "cli/view/rollout.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace firebreak::cli {
namespace {

std::string Describe(const v1::RolloutHost& host) {
  const v1::Refusal& refusal = host.refusal();
  std::string text = absl::StrCat(
      host.name(), refusal.kind() == v1::Refusal::undone ? " undid" : " refused", " revision ",
      refusal.revision(), ": ", refusal.reason().empty() ? "no reason given" : refusal.reason());
  if (!refusal.resource().empty()) absl::StrAppend(&text, " (", refusal.resource(), ")");
  return text;
}

// Returns as many names as there is room for, and the number of the others.
std::string Names(const google::protobuf::RepeatedPtrField<std::string>& names, uint32_t count) {
  std::string text = absl::StrJoin(names, ", ");
  if (static_cast<uint32_t>(names.size()) < count) absl::StrAppend(&text, ", …");
  return text;
}

uint32_t PendingCount(const v1::Rollout& rollout) {
  const uint32_t settled =
      rollout.applied() + static_cast<uint32_t>(rollout.failed_size()) + rollout.offline();
  return rollout.concerned() > settled ? rollout.concerned() - settled : 0;
}

std::string Hosts(uint32_t count) { return absl::StrCat(count, count == 1 ? " host" : " hosts"); }

}  // namespace

std::string RolloutLine(const v1::Rollout& rollout) {
  if (rollout.concerned() == 0) {
    return absl::StrCat("no host is affected by revision ", rollout.revision());
  }
  std::string line = absl::StrCat(
      rollout.applied(), " of ", rollout.concerned(), rollout.concerned() == 1 ? " host" : " hosts",
      rollout.applied() == 1 ? " has" : " have", " applied revision ", rollout.revision());
  if (rollout.failed_size() > 0) absl::StrAppend(&line, ", ", rollout.failed_size(), " failed");
  if (rollout.offline() > 0) absl::StrAppend(&line, ", ", rollout.offline(), " offline");
  return line;
}

absl::Status RolloutOutcome(const v1::Rollout& rollout, bool timed_out, absl::Duration timeout) {
  if (rollout.failed().empty() && !timed_out && rollout.offline() == 0) return absl::OkStatus();
  std::vector<std::string> lines = {absl::StrCat(
      "revision ", rollout.revision(), " is stored, but not in force on every affected host")};
  for (const v1::RolloutHost& host : rollout.failed()) lines.push_back(Describe(host));
  if (const uint32_t pending = PendingCount(rollout); pending > 0) {
    lines.push_back(absl::StrCat("no receipt within ", absl::FormatDuration(timeout), " from ",
                                 Hosts(pending), ": ", Names(rollout.pending(), pending)));
  }
  if (rollout.offline() > 0) {
    lines.push_back(absl::StrCat(Hosts(rollout.offline()),
                                 " offline: ", Names(rollout.offline_hosts(), rollout.offline())));
  }
  if (rollout.applied() > 0) {
    lines.push_back(absl::StrCat("applied by ", Hosts(rollout.applied()), ": ",
                                 Names(rollout.applied_hosts(), rollout.applied())));
  }
  lines.push_back("see `firebreak host status HOST`");
  // A line feed in a name or a reason must not start a line that looks like ours.
  for (std::string& line : lines) {
    for (char& c : line) c = c == '\n' ? ' ' : c;
  }
  return absl::AbortedError(absl::StrJoin(lines, "\n"));
}

}  // namespace firebreak::cli
