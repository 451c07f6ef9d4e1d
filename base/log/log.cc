// SPDX-License-Identifier: Apache-2.0
#include "base/log/log.h"

#include <unistd.h>

#include "absl/time/clock.h"
#include "base/text/escape.h"

namespace firebreak {
namespace {

absl::string_view Name(Severity severity) {
  switch (severity) {
    case Severity::kInfo: return "info";
    case Severity::kWarning: return "warning";
    case Severity::kError: return "error";
  }
  return "";
}

}  // namespace

std::string FormatLogLine(Severity severity, absl::string_view message, absl::Time now) {
  return absl::StrCat(absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", now, absl::UTCTimeZone()), " ",
                      Name(severity), " ", Escape(message), "\n");
}

void LogLine(Severity severity, absl::string_view message) {
  const std::string line = FormatLogLine(severity, message, absl::Now());
  // If standard error cannot be written to, there is nowhere to report that.
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace firebreak
