// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_REACH_H_
#define FIREBREAK_AGENT_REACH_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "agent/adopt/forbidden_flows.h"
#include "agent/identity/identity.h"
#include "agent/loop/event_loop.h"
#include "agent/revision/revision_keeper.h"
#include "agent/uplink/calls.h"
#include "agent/uplink/controller_address.h"

namespace firebreak::agent {

// Proves that a new connection to the controller can be opened: each attempt is a call on a
// connection of its own.
//
// Threading: on the event loop's thread.
class Reacher : public ControllerReach {
 public:
  // `identity` is empty until the host has enrolled. All arguments must outlive the reacher.
  Reacher(ControllerAddress& controller, const std::optional<Identity>& identity, EventLoop& loop)
      : controller_(controller), identity_(identity), loop_(loop), flows_(loop) {}

  uint16_t Port() const override { return PortOf(controller_.name()); }
  void EndForbiddenFlows(std::function<void(lifecycle::Help)> done) override {
    flows_.End(ParseWay(controller_.name(), controller_.last()), std::move(done));
  }

  void Reach(uint64_t revision, absl::Duration timeout,
             std::function<void(lifecycle::Reached)> done) override;
  void StopReaching() override;

 private:
  ControllerAddress& controller_;
  const std::optional<Identity>& identity_;
  EventLoop& loop_;
  ForbiddenFlows flows_;
  std::unique_ptr<ReachCall> call_;
  EventLoop::Timer unable_ = 0;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_REACH_H_
