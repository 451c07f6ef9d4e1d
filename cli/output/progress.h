// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_OUTPUT_PROGRESS_H_
#define FIREBREAK_CLI_OUTPUT_PROGRESS_H_

#include <functional>
#include <ostream>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace firebreak::cli {

// Shows on one line how far something has come. On a terminal the line is redrawn in place;
// elsewhere a new line is written, at most once a second and only if it differs. Not thread-safe.
class Progress {
 public:
  // `out` must outlive this object; the time that `now` returns must never go back.
  Progress(std::ostream& out, bool terminal, std::function<absl::Time()> now);
  // Ends the line.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // `line` is escaped when it is shown.
  void Show(absl::string_view line);

  // Shows the last line if it has been held back, and moves the cursor to a new line.
  void Finish();

 private:
  std::ostream& out_;
  const bool terminal_;
  const std::function<absl::Time()> now_;
  std::string shown_;
  std::string held_back_;
  absl::Time next_ = absl::InfinitePast();
};

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_OUTPUT_PROGRESS_H_
