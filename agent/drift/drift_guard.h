// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_DRIFT_DRIFT_GUARD_H_
#define FIREBREAK_AGENT_DRIFT_DRIFT_GUARD_H_

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "agent/enforce/enforcer.h"
#include "agent/kernel/nftables/ruleset_events.h"
#include "agent/loop/event_loop.h"
#include "firebreak/v1/fleet.pb.h"

namespace firebreak::agent {

// Undoes changes that others make to Firebreak's tables as soon as the kernel reports them, and
// counts them.
//
// The first change is undone at once. A change that comes during or right after an undo waits for
// at most as long as that undo took. So a program that changes the tables all the time costs half a
// core and not a whole one, and the tables are still wrong only for milliseconds.
//
// Threading: on the event loop's thread. `loop` must outlive the guard.
class DriftGuard {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    // Makes the kernel's rules equal to the wanted ones again.
    virtual absl::StatusOr<Enforcer::Outcome> UndoForeignChanges() = 0;
    // `drift()` has changed. Called at once the first time, then at most once in kBetweenReports.
    virtual void FactsChanged() = 0;
    // Tables that are not Firebreak's may have changed.
    virtual void OtherTablesChanged() = 0;
  };
  static constexpr auto kBetweenReports = std::chrono::seconds(1);

  // `own` is the netlink port of the socket through which the agent makes its own changes. `events`
  // and `listener` must outlive the guard; `events` must have been opened before the rules were
  // first read.
  DriftGuard(EventLoop& loop, RulesetEvents& events, uint32_t own, Listener& listener);
  ~DriftGuard();
  DriftGuard(const DriftGuard&) = delete;
  DriftGuard& operator=(const DriftGuard&) = delete;

  // Returns nullopt if nobody has changed anything.
  const std::optional<v1::Drift>& drift() const { return drift_; }

 private:
  using Clock = EventLoop::Clock;

  void OnEvents();
  void Undo();
  void Record(const absl::StatusOr<Enforcer::Outcome>& outcome);
  void Report();

  EventLoop& loop_;
  RulesetEvents& events_;
  const uint32_t own_;
  Listener& listener_;

  std::optional<v1::Drift> drift_;
  ForeignChanges pending_;  // changes not yet undone
  Clock::time_point first_pending_;
  Clock::time_point next_undo_;
  EventLoop::Timer undo_timer_ = 0;
  Clock::time_point next_report_;
  EventLoop::Timer report_timer_ = 0;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_DRIFT_DRIFT_GUARD_H_
