// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FLEET_TRIAL_WINDOW_H_
#define FIREBREAK_CONTROLLER_FLEET_TRIAL_WINDOW_H_

#include <cstddef>
#include <vector>

#include "absl/time/time.h"

namespace firebreak::controller {

// The number of hosts that may be on trial at the same time, learned from the time that hosts need
// to prove that they reach the controller. After each round of as many answers as the limit allows,
// the limit changes: if the round's median is near the best known median, the controller keeps up
// and the limit grows; if it is far from the best, hosts wait for one another and the limit
// shrinks. Medians are compared, so that a few hosts on slow lines, or a few that undo their
// revision, do not slow down the others.
//
// A value without a clock; not thread-safe.
class TrialWindow {
 public:
  static constexpr size_t kFirst = 128;
  static constexpr size_t kLeast = 16;
  static constexpr size_t kMost = 2048;

  // `fixed` is a limit that never changes; 0 means that the limit is learned.
  explicit TrialWindow(size_t fixed = 0) : fixed_(fixed != 0), limit_(fixed_ ? fixed : kFirst) {}

  size_t limit() const { return limit_; }

  // Notes a host's answer. `took` is how long the proof took, without the time that the host needed
  // to apply the revision. `full` says that the limit was reached, so that a higher limit would
  // have been used.
  void OnAnswer(absl::Duration took, bool full);

 private:
  absl::Duration Slow() const;
  absl::Duration Quick() const;

  const bool fixed_;
  size_t limit_;
  absl::Duration best_ = absl::InfiniteDuration();  // the smallest median
  std::vector<absl::Duration> round_;
  bool full_ = false;  // whether the limit was reached at some answer of the round
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FLEET_TRIAL_WINDOW_H_
