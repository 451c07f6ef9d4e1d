// SPDX-License-Identifier: Apache-2.0
#include "cli/output/progress.h"

#include <utility>

#include "base/text/escape.h"

namespace firebreak::cli {

Progress::Progress(std::ostream& out, bool terminal, std::function<absl::Time()> now)
    : out_(out), terminal_(terminal), now_(std::move(now)) {}

Progress::~Progress() { Finish(); }

void Progress::Show(absl::string_view line) {
  std::string text = Escape(line);
  if (text == shown_) {
    held_back_.clear();
    return;
  }
  if (terminal_) {
    // Carriage return, the line, erase to the end of the line (ECMA-48 EL).
    out_ << '\r' << text << "\033[K" << std::flush;
    shown_ = std::move(text);
    return;
  }
  const absl::Time now = now_();
  if (now < next_) {
    held_back_ = std::move(text);
    return;
  }
  out_ << text << '\n' << std::flush;
  shown_ = std::move(text);
  held_back_.clear();
  next_ = now + absl::Seconds(1);
}

void Progress::Finish() {
  if (terminal_ && !shown_.empty()) out_ << '\n' << std::flush;
  if (!held_back_.empty()) out_ << held_back_ << '\n' << std::flush;
  shown_.clear();
  held_back_.clear();
}

}  // namespace firebreak::cli
