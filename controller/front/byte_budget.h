// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FRONT_BYTE_BUDGET_H_
#define FIREBREAK_CONTROLLER_FRONT_BYTE_BUDGET_H_

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "controller/front/allowance.h"

namespace firebreak::controller {

// How many bytes a host may send over all its connections together. Who sends more is read from
// more slowly and loses nothing, as TCP holds the rest back. Thread-safe.
class ByteBudget {
 public:
  // Several times what an agent has to send that records every packet of a flood.
  static constexpr Allowance::Rate kBytes = {64 << 20, 32 << 20};

  explicit ByteBudget(Allowance::Clock::time_point now) : bytes_(kBytes, now) {}

  // Counts bytes that have come. Returns how long nothing more is to be read.
  Allowance::Clock::duration Spend(size_t bytes, Allowance::Clock::time_point now)
      ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    return bytes_.Owe(kBytes, static_cast<double>(bytes), now);
  }

 private:
  absl::Mutex mutex_;
  Allowance bytes_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FRONT_BYTE_BUDGET_H_
