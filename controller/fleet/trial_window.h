#ifndef FIREBREAK_CONTROLLER_FLEET_TRIAL_WINDOW_H_
#define FIREBREAK_CONTROLLER_FLEET_TRIAL_WINDOW_H_

#include <cstddef>
#include <vector>

#include "absl/time/time.h"

namespace firebreak::controller {

// How many hosts may be on trial at a time, learned from how long hosts need to prove that they
// reach the controller. It answers after each round of as many answers as the limit allows: if the
// round's median is near the best one known, the controller keeps up and the limit grows; if it is
// far from it, hosts wait for one another and the limit shrinks. Medians are compared, so that some
// hosts on slow lines, or some that undo their revision, do not slow down the others.
//
// A value without a clock; not thread-safe.
class TrialWindow {
 public:
  static constexpr size_t kFirst = 128;
  static constexpr size_t kLeast = 16;
  static constexpr size_t kMost = 2048;

  // `fixed` is the limit for good; 0: it is learned.
  explicit TrialWindow(size_t fixed = 0) : fixed_(fixed != 0), limit_(fixed_ ? fixed : kFirst) {}

  size_t limit() const { return limit_; }

  // A host has answered: `took` is how long the proof took, without what the host needed to apply
  // the revision. `full`: the limit is reached, so a higher one would have been used.
  void OnAnswer(absl::Duration took, bool full);

 private:
  absl::Duration Slow() const;
  absl::Duration Quick() const;

  const bool fixed_;
  size_t limit_;
  absl::Duration best_ = absl::InfiniteDuration();  // of the medians
  std::vector<absl::Duration> round_;
  bool full_ = false;  // at some answer of the round
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FLEET_TRIAL_WINDOW_H_
