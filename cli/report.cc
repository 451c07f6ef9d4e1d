// SPDX-License-Identifier: Apache-2.0
#include "cli/report.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/text/escape.h"
#include "cli/connection/failure.h"
#include "cli/exit_status.h"
#include "firebreak/v1/admin.pb.h"

namespace firebreak::cli {
namespace {

std::string Describe(const v1::Problem& problem) {
  std::string text;
  if (!problem.file().empty()) {
    absl::StrAppend(&text, problem.file(), ":");
    if (problem.line() > 0) absl::StrAppend(&text, problem.line(), ":");
    text.push_back(' ');
  }
  return Escape(absl::StrCat(text, problem.reason()));
}

}  // namespace

std::string Report(const absl::Status& status) {
  std::string text;
  if (const std::optional<v1::Problems> problems = ProblemsOf(status)) {
    for (const v1::Problem& problem : problems->items()) {
      absl::StrAppend(&text, Describe(problem), "\n");
    }
    const int count = problems->items_size();
    absl::StrAppend(&text, "firebreak: ", count, count == 1 ? " error" : " errors",
                    "; nothing was changed\n");
    return text;
  }
  bool first = true;
  for (absl::string_view line : absl::StrSplit(status.message(), '\n', absl::SkipEmpty())) {
    absl::StrAppend(&text, first ? "firebreak: " : "  ", Escape(line), "\n");
    first = false;
  }
  if (first) {
    absl::StrAppend(&text, "firebreak: failed: ", absl::StatusCodeToString(status.code()), "\n");
  }
  if (status.code() == absl::StatusCode::kInvalidArgument) {
    absl::StrAppend(&text, "firebreak: nothing was changed\n");
  }
  return text;
}

v1::ErrorReport ReportMessage(const absl::Status& status) {
  v1::ErrorReport report;
  report.set_error(std::string(status.message()));
  report.set_exit_status(static_cast<uint32_t>(ExitStatusOf(status)));
  if (const std::optional<v1::Problems> problems = ProblemsOf(status)) {
    *report.mutable_problems() = problems->items();
  }
  return report;
}

}  // namespace firebreak::cli
