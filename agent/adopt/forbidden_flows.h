// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_ADOPT_FORBIDDEN_FLOWS_H_
#define FIREBREAK_AGENT_ADOPT_FORBIDDEN_FLOWS_H_

#include <cstddef>
#include <functional>
#include <thread>

#include "absl/status/statusor.h"
#include "agent/loop/event_loop.h"

namespace firebreak::agent {

// Ends this host's outbound flows that the rules in the kernel would not let begin, but that
// continue because they are older than the rules, for example a tunnel to the controller. If the
// controller can still be reached afterwards, then through flows that the rules permit.
//
// Ends only flows that can begin again with their next packet, should later rules permit them. So
// TCP connections stay.
//
// NOTE: The work is done on a thread of its own, because a large table of flows takes long.
//
// Threading: on the loop's thread. `loop` must outlive this object.
class ForbiddenFlows {
 public:
  explicit ForbiddenFlows(EventLoop& loop) : loop_(loop) {}
  // Waits for the thread to end.
  ~ForbiddenFlows();
  ForbiddenFlows(const ForbiddenFlows&) = delete;
  ForbiddenFlows& operator=(const ForbiddenFlows&) = delete;

  // Starts ending the flows and calls `done` when that is finished or has failed. A later call
  // replaces `done`.
  void End(std::function<void()> done);

 private:
  static absl::StatusOr<size_t> EndNow();
  void Begin();

  EventLoop& loop_;
  std::function<void()> done_;
  bool again_ = false;  // End was called while the thread was running
  std::thread thread_;  // joinable while it is running
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_ADOPT_FORBIDDEN_FLOWS_H_
