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

uint32_t PendingCount(const v1::Rollout& rollout) {
  const uint32_t settled = rollout.applied() + static_cast<uint32_t>(rollout.failed_size());
  return rollout.concerned() > settled ? rollout.concerned() - settled : 0;
}

std::string DescribePending(const v1::Rollout& rollout, absl::Duration timeout) {
  const uint32_t count = PendingCount(rollout);
  const std::vector<std::string> names(rollout.pending().begin(), rollout.pending().end());
  std::string text = absl::StrCat("no receipt within ", absl::FormatDuration(timeout), " from ",
                                  count, count == 1 ? " host" : " hosts");
  if (!names.empty()) absl::StrAppend(&text, ": ", absl::StrJoin(names, ", "));
  if (!names.empty() && names.size() < count) absl::StrAppend(&text, ", …");
  return text;
}

}  // namespace

std::string RolloutLine(const v1::Rollout& rollout) {
  if (rollout.concerned() == 0) {
    return absl::StrCat("no connected host is concerned by revision ", rollout.revision());
  }
  std::string line = absl::StrCat(
      rollout.applied(), " of ", rollout.concerned(), rollout.concerned() == 1 ? " host" : " hosts",
      rollout.applied() == 1 ? " has" : " have", " applied revision ", rollout.revision());
  if (rollout.failed_size() > 0) absl::StrAppend(&line, ", ", rollout.failed_size(), " failed");
  return line;
}

absl::Status RolloutOutcome(const v1::Rollout& rollout, bool timed_out, absl::Duration timeout) {
  if (rollout.failed().empty() && !timed_out) return absl::OkStatus();
  std::vector<std::string> lines = {absl::StrCat(
      "revision ", rollout.revision(), " is stored, but not in force on every host concerned")};
  for (const v1::RolloutHost& host : rollout.failed()) lines.push_back(Describe(host));
  if (timed_out) lines.push_back(DescribePending(rollout, timeout));
  lines.push_back("see `firebreak host status HOST`");
  // A name or a reason with a line feed in it must not look like a line of ours.
  for (std::string& line : lines) {
    for (char& c : line) c = c == '\n' ? ' ' : c;
  }
  return absl::AbortedError(absl::StrJoin(lines, "\n"));
}

}  // namespace firebreak::cli
