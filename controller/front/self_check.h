#ifndef FIREBREAK_CONTROLLER_FRONT_SELF_CHECK_H_
#define FIREBREAK_CONTROLLER_FRONT_SELF_CHECK_H_

#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "controller/front/figures.h"
#include "controller/listen_address.h"
#include "controller/worker/steady_condition.h"

namespace firebreak::controller {

// Proves from time to time that connections are accepted, by opening one: a listener that accepts
// no more is seen by nobody else until hosts are missed. It writes to the log when that changes,
// and, if systemd watches this process (WatchdogSec), tells it so only while it is so: systemd then
// ends the process and starts it anew.
//
// A thread of its own, from the constructor to the destructor. IsOwn is for any thread.
class SelfCheck {
 public:
  static constexpr absl::Duration kInterval = absl::Seconds(10);
  static constexpr absl::Duration kPatience = absl::Seconds(5);

  // `listen` is where the front listens; `figures` must outlive it.
  SelfCheck(const ListenAddress& listen, FrontFigures& figures);
  SelfCheck(const SelfCheck&) = delete;
  SelfCheck& operator=(const SelfCheck&) = delete;
  ~SelfCheck();

  // Whether a connection that was accepted from `address` is the one that proves it.
  bool IsOwn(const std::string& address) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Run() ABSL_LOCKS_EXCLUDED(mutex_);
  bool Accepts() ABSL_LOCKS_EXCLUDED(mutex_);

  const ListenAddress target_;
  FrontFigures& figures_;
  absl::Mutex mutex_;
  SteadyCondition changed_;
  std::string expected_ ABSL_GUARDED_BY(mutex_);  // empty: none is under way
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FRONT_SELF_CHECK_H_
