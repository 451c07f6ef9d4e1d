#ifndef FIREBREAK_BASE_BACKOFF_BACKOFF_H_
#define FIREBREAK_BASE_BACKOFF_BACKOFF_H_

#include "absl/random/bit_gen_ref.h"
#include "absl/time/time.h"

namespace firebreak {

// How long to wait before each attempt of something that has failed: pauses that double from
// `floor` to `bound`, each shortened at random by up to half, so that a fleet that failed at one
// moment does not try again at one moment. No pause is shorter than half the floor.
//
// A value without a clock or a thread; the caller owns the timer.
class Backoff {
 public:
  // 0 < floor <= bound.
  Backoff(absl::Duration floor, absl::Duration bound);

  // The pause before the next attempt. `random` outlives the call.
  absl::Duration Next(absl::BitGenRef random);

  // The last attempt succeeded: the next pause begins at the floor again.
  void Reset() { next_ = floor_; }

  // Whether Next() was called since the last success.
  bool failing() const { return next_ != floor_; }

 private:
  absl::Duration floor_;
  absl::Duration bound_;
  absl::Duration next_;
};

}  // namespace firebreak

#endif  // FIREBREAK_BASE_BACKOFF_BACKOFF_H_
