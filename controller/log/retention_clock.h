// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_LOG_RETENTION_CLOCK_H_
#define FIREBREAK_CONTROLLER_LOG_RETENTION_CLOCK_H_

#include <cstdint>
#include <optional>

#include "absl/time/time.h"

namespace firebreak::controller {

// The time by which old records are deleted. If the system clock jumps ahead, as on a machine that
// boots with a wrong time, nothing is deleted because of that until the clock has stayed there for
// kConfirmation of the controller's running time; meanwhile this clock continues from where it was.
// A clock that is set back is believed at once, because it only deletes less.
//
// Pure state; not thread-safe. The caller measures passed time with a steady clock.
class RetentionClock {
 public:
  static constexpr absl::Duration kTolerance = absl::Hours(1);
  static constexpr absl::Duration kConfirmation = absl::Hours(24);

  // Continues from a time that this process or an earlier one believed. nullopt: the first time
  // seen is believed.
  explicit RetentionClock(std::optional<absl::Time> believed = std::nullopt,
                          absl::Duration ahead_for = absl::ZeroDuration())
      : believed_(believed), ahead_for_(ahead_for) {}

  // Returns the believed time, given that the system clock says `now` and that `passed` has passed
  // since the last call.
  absl::Time Advance(absl::Time now, absl::Duration passed);

  std::optional<absl::Time> believed() const { return believed_; }
  // Whether the system clock was ahead of the believed time at the last call, and for how long it
  // has been.
  bool ahead() const { return ahead_; }
  absl::Duration ahead_for() const { return ahead_for_; }

 private:
  std::optional<absl::Time> believed_;
  absl::Duration ahead_for_;
  bool ahead_ = false;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_LOG_RETENTION_CLOCK_H_
