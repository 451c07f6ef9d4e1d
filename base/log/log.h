// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_BASE_LOG_LOG_H_
#define FIREBREAK_BASE_LOG_LOG_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace firebreak {

enum class Severity { kInfo, kWarning, kError };

// Writes one line to standard error: "TIME SEVERITY MESSAGE", the time in UTC. Each line is a
// single write, so that lines of several threads do not mix. Any thread may call this.
void LogLine(Severity severity, absl::string_view message);

// The line that LogLine writes at `now`, its line feed included. Parts of a message may come from a
// host or a stranger, so characters that could move the cursor, colour a terminal or reverse a text
// are escaped.
std::string FormatLogLine(Severity severity, absl::string_view message, absl::Time now);

template <typename... Parts>
void LogInfo(const Parts&... parts) {
  LogLine(Severity::kInfo, absl::StrCat(parts...));
}
template <typename... Parts>
void LogWarning(const Parts&... parts) {
  LogLine(Severity::kWarning, absl::StrCat(parts...));
}
template <typename... Parts>
void LogError(const Parts&... parts) {
  LogLine(Severity::kError, absl::StrCat(parts...));
}

}  // namespace firebreak

#endif  // FIREBREAK_BASE_LOG_LOG_H_
