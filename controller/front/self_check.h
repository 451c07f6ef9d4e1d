// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FRONT_SELF_CHECK_H_
#define FIREBREAK_CONTROLLER_FRONT_SELF_CHECK_H_

#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "controller/front/stats.h"
#include "controller/listen_address.h"
#include "controller/worker/steady_condition.h"

namespace firebreak::controller {

// Opens a connection to the front from time to time and looks whether the front accepts it. It logs
// changes of the result. If systemd watches this process (WatchdogSec), the check notifies systemd
// after each success; without notifications systemd restarts the process.
//
// A thread of its own, from the constructor to the destructor. IsOwn is for any thread.
class SelfCheck {
 public:
  static constexpr absl::Duration kInterval = absl::Seconds(10);
  static constexpr absl::Duration kPatience = absl::Seconds(5);

  // `listen` is where the front listens; `figures` must outlive it.
  SelfCheck(const ListenAddress& listen, FrontStats& stats);
  SelfCheck(const SelfCheck&) = delete;
  SelfCheck& operator=(const SelfCheck&) = delete;
  ~SelfCheck();

  // Whether a connection that was accepted from `address` is the one that proves it.
  bool IsOwn(const std::string& address) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Run() ABSL_LOCKS_EXCLUDED(mutex_);
  bool Accepts() ABSL_LOCKS_EXCLUDED(mutex_);

  const ListenAddress target_;
  FrontStats& stats_;
  absl::Mutex mutex_;
  SteadyCondition changed_;
  std::string expected_ ABSL_GUARDED_BY(mutex_);  // empty: none is under way
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FRONT_SELF_CHECK_H_
