#ifndef FIREBREAK_CLI_OUTPUT_PROGRESS_H_
#define FIREBREAK_CLI_OUTPUT_PROGRESS_H_

#include <functional>
#include <ostream>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace firebreak::cli {

// One line that says how far something has come. On a terminal it is redrawn in place; elsewhere
// a new line is written, at most once a second and only when it says something new. Not for use
// by several threads.
class Progress {
 public:
  // `out` must live longer; `now` never goes back.
  Progress(std::ostream& out, bool terminal, std::function<absl::Time()> now);
  // Ends the line.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // `line` is shown escaped.
  void Show(absl::string_view line);

  // Shows the last line if it has been held back, and leaves the cursor on a fresh line.
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
