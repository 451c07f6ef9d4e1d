#ifndef FIREBREAK_BASE_TIME_PASSED_H_
#define FIREBREAK_BASE_TIME_PASSED_H_

#include "absl/time/time.h"

namespace firebreak {

// Whether so long has passed since `from`, by a clock that may be set. If it was set back behind
// `from`, the answer is yes: what is done once an hour must not wait for a day because of it.
inline bool HasPassed(absl::Duration duration, absl::Time from, absl::Time now) {
  return now < from || now >= from + duration;
}

}  // namespace firebreak

#endif  // FIREBREAK_BASE_TIME_PASSED_H_
