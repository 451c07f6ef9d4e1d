// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FRONT_WATCHDOG_H_
#define FIREBREAK_CONTROLLER_FRONT_WATCHDOG_H_

#include <string>

#include "absl/time/time.h"

namespace firebreak::controller {

// systemd's watchdog for this process, if it has one: sd_notify(3), sd_watchdog_enabled(3). Reads
// the environment, so it is to be made before other threads change that. Immutable.
class Watchdog {
 public:
  Watchdog();

  // Within which it wants to hear that all is well; infinite: it does not ask.
  absl::Duration interval() const { return interval_; }

  // Says so.
  void Notify() const;

 private:
  std::string socket_;
  absl::Duration interval_ = absl::InfiniteDuration();
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FRONT_WATCHDOG_H_
