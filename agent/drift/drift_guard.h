#ifndef FIREBREAK_AGENT_DRIFT_DRIFT_GUARD_H_
#define FIREBREAK_AGENT_DRIFT_DRIFT_GUARD_H_

#include <cstdint>
#include <functional>
#include <optional>

#include "absl/status/statusor.h"
#include "agent/enforce/enforcer.h"
#include "agent/kernel/nftables/ruleset_events.h"
#include "agent/loop/event_loop.h"
#include "firebreak/v1/fleet.pb.h"

namespace firebreak::agent {

// Undoes what others do to Firebreak's table as soon as the kernel tells of it, and keeps count.
//
// The first change is undone at once. One that comes while or right after another was undone waits
// for at most as long as that took: so a program that never stops changing the table costs half a
// core, not a whole one, and the table is still wrong for milliseconds only.
//
// Threading: on the event loop's thread. `loop` must outlive the guard.
class DriftGuard {
 public:
  struct Outside {
    // Makes the kernel's rules again what they should be.
    std::function<absl::StatusOr<Enforcer::Outcome>()> undo;
    // `drift()` has something new. At once at first, then at most once in kBetweenReports.
    std::function<void()> changed;
    // Tables that are not ours may have changed.
    std::function<void()> others_changed;
  };
  static constexpr auto kBetweenReports = std::chrono::seconds(1);

  // `own` is the port of the socket that our own changes come through. `events` must outlive the
  // guard, and must have been opened before the rules were read for the first time.
  DriftGuard(EventLoop& loop, RulesetEvents& events, uint32_t own, Outside outside);
  ~DriftGuard();
  DriftGuard(const DriftGuard&) = delete;
  DriftGuard& operator=(const DriftGuard&) = delete;

  // None: nobody has changed anything.
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
  const Outside outside_;

  std::optional<v1::Drift> drift_;
  ForeignChanges pending_;  // what is to be undone
  Clock::time_point first_pending_;
  Clock::time_point next_undo_;
  EventLoop::Timer undo_timer_ = 0;
  Clock::time_point next_report_;
  EventLoop::Timer report_timer_ = 0;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_DRIFT_DRIFT_GUARD_H_
