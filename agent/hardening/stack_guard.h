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

// What an attack and full queues ask of the rules and the kernel, beside the policy.
struct StackPressure {
  bool attacked = false;  // and the policy wants the host defended: syn_attack_protect 2
  Backlog backlog;
};

// Watches over the TCP/IP stack: that values which Firebreak has set stay as they are, whether the
// host is attacked by a flood of connection requests, and whether queues of connections are too
// short.
//
// Values: looked at when the kernel tells that they were written, and each minute. A program that
// sets one again and again is answered kMaxAnswers times in a minute, and then only once in each.
// The attack: the kernel's counters are read each second while a policy sets limits for it, and
// half-open connections counted only when the counters say that handshakes are not completed, or
// each kCountAnyway.
//
// Threading: on the loop's thread. All arguments of the constructor must outlive the guard.
class StackGuard {
 public:
  static constexpr int kMaxAnswers = 20;
  static constexpr std::chrono::seconds kCountAnyway{5};

  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void StackChanged(v1::StackEvent event) = 0;
    // `State()` has changed.
    virtual void FactsChanged() = 0;
    // The policy in force must be enforced anew with this pressure.
    virtual void PressureChanged(const StackPressure& pressure) = 0;
  };

  StackGuard(EventLoop& loop, KernelSettings& settings, Listener& listener);
  ~StackGuard();
  StackGuard(const StackGuard&) = delete;
  StackGuard& operator=(const StackGuard&) = delete;

  // What holds for the host from now on; called whenever values may have been set.
  void Follow(const v1::Hardened& host);
  // Why settings are not what the policy says, by setting: see policy::Reconcile.
  void SetHeldBack(std::map<std::string, std::string> reasons) { held_back_ = std::move(reasons); }

  // None: nothing is watched over but what the rules need, and nothing of it is wrong.
  std::optional<v1::StackState> State() const;
  const std::map<std::string, std::string>& held_back() const { return held_back_; }
  // What was followed last.
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
  std::map<std::string, int> answers_;  // of this minute, by value
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
