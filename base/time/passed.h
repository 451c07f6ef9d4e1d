// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_BASE_TIME_PASSED_H_
#define FIREBREAK_BASE_TIME_PASSED_H_

#include "absl/time/time.h"

namespace firebreak {

// Whether `duration` has passed since `from`, by a clock that somebody may set. If the clock was
// set back to before `from`, the answer is yes: an hourly job must not wait for a day because of
// that.
inline bool HasPassed(absl::Duration duration, absl::Time from, absl::Time now) {
  return now < from || now >= from + duration;
}

}  // namespace firebreak

#endif  // FIREBREAK_BASE_TIME_PASSED_H_
