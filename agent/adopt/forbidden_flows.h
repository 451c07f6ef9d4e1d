// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_ADOPT_FORBIDDEN_FLOWS_H_
#define FIREBREAK_AGENT_ADOPT_FORBIDDEN_FLOWS_H_

#include <cstddef>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/adopt/way_to_controller.h"
#include "agent/loop/event_loop.h"

namespace firebreak::agent {

// Ends this host's outbound flows that the rules in the kernel would not let begin, but that
// continue because they are older than the rules, for example a tunnel to the controller. If the
// controller can still be reached afterwards, it is reached through flows that the rules permit.
//
// Ends only flows that can begin again with their next packet, should later rules permit them. So
// TCP connections are left alone; those that may carry the way to the controller are reported.
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

  // Starts ending the flows, and calls `done` when that has finished or failed, with the flows that
  // continue and may help this host to reach its controller (FindHelp). A later call replaces
  // `done`.
  using Done = std::function<void(std::vector<std::string> help)>;
  void End(WayToController way, Done done);

 private:
  struct Outcome {
    size_t ended = 0;
    std::vector<std::string> help;
  };
  static absl::StatusOr<Outcome> EndNow(const WayToController& way);
  void Begin();

  EventLoop& loop_;
  WayToController way_;
  Done done_;
  bool again_ = false;  // End was called while the thread was running
  std::thread thread_;  // joinable while it is running
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_ADOPT_FORBIDDEN_FLOWS_H_
