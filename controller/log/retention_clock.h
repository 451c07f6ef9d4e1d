#ifndef FIREBREAK_CONTROLLER_LOG_RETENTION_CLOCK_H_
#define FIREBREAK_CONTROLLER_LOG_RETENTION_CLOCK_H_

#include <cstdint>
#include <optional>

#include "absl/time/time.h"

namespace firebreak::controller {

// The time by which records are deleted for their age. A clock that jumps ahead, as on a machine
// that boots with a wrong one, deletes nothing until it has stayed there for kConfirmation of the
// controller's own running time; meanwhile this clock goes on from where it was. A clock that is
// set back is believed at once: it deletes less.
//
// Pure state; not thread-safe. Time that has passed is given by a clock that nobody sets.
class RetentionClock {
 public:
  static constexpr absl::Duration kTolerance = absl::Hours(1);
  static constexpr absl::Duration kConfirmation = absl::Hours(24);

  // Goes on from a time that was believed, of this process or the one before it. None: the first
  // time seen is believed.
  explicit RetentionClock(std::optional<absl::Time> believed = std::nullopt,
                          absl::Duration ahead_for = absl::ZeroDuration())
      : believed_(believed), ahead_for_(ahead_for) {}

  // The time that may be gone by, when the clock says `now` and `passed` has passed since the last
  // call.
  absl::Time Advance(absl::Time now, absl::Duration passed);

  std::optional<absl::Time> believed() const { return believed_; }
  // Whether the clock was ahead of what is believed at the last call, and for how long.
  bool ahead() const { return ahead_; }
  absl::Duration ahead_for() const { return ahead_for_; }

 private:
  std::optional<absl::Time> believed_;
  absl::Duration ahead_for_;
  bool ahead_ = false;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_LOG_RETENTION_CLOCK_H_
