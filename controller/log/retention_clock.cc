// SPDX-License-Identifier: Apache-2.0
#include "controller/log/retention_clock.h"

namespace firebreak::controller {

absl::Time RetentionClock::Advance(absl::Time now, absl::Duration passed) {
  const absl::Time expected = believed_.value_or(now) + passed;
  ahead_ = now > expected + kTolerance;
  if (ahead_) ahead_for_ += passed;
  if (ahead_ && ahead_for_ < kConfirmation) {
    believed_ = expected;
    return expected;
  }
  ahead_ = false;
  ahead_for_ = absl::ZeroDuration();
  believed_ = now;
  return now;
}

}  // namespace firebreak::controller
