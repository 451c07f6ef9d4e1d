// SPDX-License-Identifier: Apache-2.0
#include "controller/fleet/host_lines.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/time/passed.h"

namespace firebreak::controller {

std::optional<std::string> HostLines::Line(const std::string& host, absl::string_view text,
                                           absl::Time now) {
  int left_out = 0;
  {
    absl::MutexLock lock(&mutex_);
    Window& window = windows_[host];
    if (HasPassed(kWindow, window.begin, now)) {
      window.begin = now;
      window.lines = 0;
      left_out = std::exchange(window.left_out, 0);
    }
    if (window.lines == kLines) {
      ++window.left_out;
      return std::nullopt;
    }
    ++window.lines;
  }
  std::string line = absl::StrCat("host ", host, text.substr(0, kBytes));
  if (text.size() > kBytes) absl::StrAppend(&line, "… (", text.size() - kBytes, " bytes more)");
  if (left_out > 0) absl::StrAppend(&line, " (", left_out, " more lines of it were left out)");
  return line;
}

}  // namespace firebreak::controller
