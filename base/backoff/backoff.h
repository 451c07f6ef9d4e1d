// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_BASE_BACKOFF_BACKOFF_H_
#define FIREBREAK_BASE_BACKOFF_BACKOFF_H_

#include "absl/random/bit_gen_ref.h"
#include "absl/time/time.h"

namespace firebreak {

// Computes how long to wait before retrying an operation that failed. The pauses double from
// `floor` to `bound`, and each is shortened at random by up to half, so that hosts that failed
// together do not all retry together. No pause is shorter than half the floor.
//
// Uses no clock and no thread; the caller owns the timer.
class Backoff {
 public:
  // 0 < floor <= bound.
  Backoff(absl::Duration floor, absl::Duration bound);

  // Returns the pause before the next attempt.
  absl::Duration Next(absl::BitGenRef random);

  // Must be called when an attempt has succeeded: the next pause starts at the floor again.
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
