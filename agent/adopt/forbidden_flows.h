#ifndef FIREBREAK_AGENT_ADOPT_FORBIDDEN_FLOWS_H_
#define FIREBREAK_AGENT_ADOPT_FORBIDDEN_FLOWS_H_

#include <cstddef>
#include <functional>
#include <thread>

#include "absl/status/statusor.h"
#include "agent/loop/event_loop.h"

namespace firebreak::agent {

// Ends those of this host's own flows that the rules in the kernel would not let begin, but that go
// on as they are older: a tunnel, say, through which the controller is reached. What is reached
// afterwards is reached by what the rules open.
//
// Only flows that begin again by themselves with their next packet, should other rules let them:
// TCP connections stay.
//
// NOTE: A thread of its own does it, as a table of many flows takes long.
//
// Threading: on the loop's thread. `loop` must outlive it.
class ForbiddenFlows {
 public:
  explicit ForbiddenFlows(EventLoop& loop) : loop_(loop) {}
  // Waits for the thread.
  ~ForbiddenFlows();
  ForbiddenFlows(const ForbiddenFlows&) = delete;
  ForbiddenFlows& operator=(const ForbiddenFlows&) = delete;

  // Calls back when it is done, or could not be; a newer call replaces an older one.
  void End(std::function<void()> done);

 private:
  static absl::StatusOr<size_t> EndNow();
  void Begin();

  EventLoop& loop_;
  std::function<void()> done_;
  bool again_ = false;  // it was called for while the thread was at work
  std::thread thread_;  // joinable while it works
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_ADOPT_FORBIDDEN_FLOWS_H_
