// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_HARDENING_STACK_GUARD_H_
#define FIREBREAK_AGENT_HARDENING_STACK_GUARD_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "agent/hardening/attack_detector.h"
#include "agent/hardening/backlog.h"
#include "agent/hardening/tcp_counters.h"
#include "agent/kernel/settings/settings.h"
#include "agent/kernel/settings/settings_watch.h"
#include "agent/loop/event_loop.h"
#include "firebreak/v1/effective.pb.h"
#include "firebreak/v1/location.pb.h"
#include "firebreak/v1/state.pb.h"

namespace firebreak::agent {

// What an attack or full queues demand of rules and kernel settings, in addition to the policy.
struct StackPressure {
  bool attacked = false;  // and the policy wants a defence: syn_attack_protect 2
  Backlog backlog;
};

// Watches the TCP/IP stack: whether values that Firebreak has set are changed by others, whether
// the host is under attack by a flood of connection requests, and whether connection queues are too
// short.
//
// Values are compared when the kernel reports a write to them, and each minute. If a program
// changes a value again and again, the value is restored kMaxAnswers times in a minute, and from
// then on once a minute. To detect an attack, the kernel's counters are read each second while the
// policy sets limits. Half-open connections are counted only if the counters show that handshakes
// are not completed, or each kCountAnyway.
//
// Threading: on the loop's thread. All arguments of the constructor must outlive the guard.
class StackGuard {
 public:
  static constexpr int kMaxAnswers = 20;
  static constexpr std::chrono::seconds kCountAnyway{30};

  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void StackChanged(v1::StackEvent event) = 0;
    // A value that State() or the host's facts report has changed.
    virtual void FactsChanged() = 0;
    // The rules or sysctls of the policy in force must be enforced again with this pressure.
    virtual void PressureChanged(const StackPressure& pressure) = 0;
  };

  StackGuard(EventLoop& loop, KernelSettings& settings, Listener& listener);
  ~StackGuard();
  StackGuard(const StackGuard&) = delete;
  StackGuard& operator=(const StackGuard&) = delete;

  // Sets the hardening to watch. Must be called whenever sysctls may have been set.
  void Follow(const v1::Hardened& host);
  // Sets why settings differ from the policy, by setting: see policy::Reconcile.
  void SetHeldBack(std::map<std::string, std::string> reasons) { held_back_ = std::move(reasons); }

  // Returns none if the policy hardens nothing, all values that the rules need are right, and
  // others have changed none.
  std::optional<v1::StackState> State() const;
  const std::map<std::string, std::string>& held_back() const { return held_back_; }
  // The argument of the last Follow.
  const v1::Hardened& hardened() const { return hardened_; }

 private:
  using Clock = EventLoop::Clock;

  void OnWritten();
  void Look(const std::set<std::string>* names);
  void LookEachMinute();
  void Tell(const std::vector<ForeignSetting>& foreign);
  void Measure();
  void TellAttack();

  EventLoop& loop_;
  KernelSettings& settings_;
  Listener& listener_;
  std::optional<SettingsWatch> watch_;
  EventLoop::Timer minute_ = 0;
  std::map<std::string, int> answers_;  // in this minute, by the value's name
  uint64_t changed_by_others_ = 0;
  std::map<std::string, std::string> held_back_;
  v1::Hardened hardened_;

  AttackDetector detector_;
  StackPressure pressure_;
  bool defends_ = false;
  EventLoop::Timer second_ = 0;
  std::optional<TcpCounters> last_counters_;
  Clock::time_point last_measured_;
  Clock::time_point next_count_;
  absl::Time attacked_since_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_HARDENING_STACK_GUARD_H_
