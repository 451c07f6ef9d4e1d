// SPDX-License-Identifier: Apache-2.0
#include "agent/hardening/stack_guard.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "agent/kernel/sockets/half_open.h"
#include "base/log/log.h"
#include "base/time/timestamp.h"
#include "policy/compile/kernel_settings.h"
#include "policy/hardening/catalogue.h"
#include "policy/hardening/logged_connections.h"
#include "policy/hardening/resolve.h"

namespace firebreak::agent {
namespace {

constexpr std::chrono::minutes kLook(1);
constexpr std::chrono::seconds kMeasure(1);
constexpr int kMaxProblems = 20;
// Changes of one value that are reported in a minute; further ones are only counted.
constexpr int kMaxTold = 1;

// Values that the host reports in its facts (v1::Facts).
constexpr const char* kTold[] = {policy::kForwardIpv4, policy::kForwardIpv6};

std::optional<uint64_t> LimitOf(const v1::Hardened& host, const char* name) {
  const v1::HardenedSetting* const setting = policy::FindSetting(host, name);
  if (setting == nullptr) return std::nullopt;
  return static_cast<uint64_t>(setting->value());
}

uint64_t Since(uint64_t now, uint64_t before) { return now > before ? now - before : 0; }

}  // namespace

StackGuard::StackGuard(EventLoop& loop, KernelSettings& settings, Listener& listener)
    : loop_(loop), settings_(settings), listener_(listener) {
  absl::StatusOr<SettingsWatch> watch = SettingsWatch::Open();
  if (watch.ok()) {
    watch_.emplace(*std::move(watch));
    watch_->Watch({std::begin(kTold), std::end(kTold)});
    for (const int descriptor : watch_->descriptors()) {
      loop_.Watch(descriptor, [this] { OnWritten(); });
    }
  } else {
    LogWarning(absl::StrCat("changes of kernel settings are noticed once a minute only: ",
                            watch.status().message()));
  }
  minute_ = loop_.RunAfter(kLook, [this] { LookEachMinute(); });
}

StackGuard::~StackGuard() {
  if (watch_.has_value()) {
    for (const int descriptor : watch_->descriptors()) loop_.Unwatch(descriptor);
  }
  loop_.Cancel(minute_);
  loop_.Cancel(second_);
}

void StackGuard::Follow(const v1::Hardened& host) {
  hardened_ = host;
  if (watch_.has_value()) {
    std::set<std::string> names(std::begin(kTold), std::end(kTold));
    for (const auto& [name, wanted] : settings_.wanted()) names.insert(name);
    watch_->Watch(names);
  }
  const int64_t protect = policy::SettingOr(host, "syn_attack_protect", 0);
  defends_ = protect == 2;
  AttackLimits limits;
  if (protect > 0) {
    limits = {.refused = LimitOf(host, "tcp_max_ports_exhausted"),
              .half_open = LimitOf(host, "tcp_max_half_open"),
              .retried = LimitOf(host, "tcp_max_half_open_retried")};
  }
  detector_.SetLimits(limits);
  const Backlog::Bounds bounds = {
      .enabled = policy::SettingOr(host, "enable_dynamic_backlog", 0) == 1,
      .least = policy::SettingOr(host, "minimum_dynamic_backlog", 1),
      .most = policy::SettingOr(host, "maximum_dynamic_backlog", 65'535),
      .growth = policy::SettingOr(host, "dynamic_backlog_growth_delta", 10)};
  const bool bounded_anew = bounds != pressure_.backlog.bounds();
  pressure_.backlog.SetBounds(bounds);
  const bool measures = limits.any() || pressure_.backlog.bounds().enabled;
  if (measures && second_ == 0) {
    last_counters_.reset();
    Measure();
  } else if (!measures && second_ != 0) {
    loop_.Cancel(std::exchange(second_, 0));
  }
  if (!limits.any() && detector_.Reset()) {
    TellAttack();
  } else if (bounded_anew) {
    listener_.PressureChanged(pressure_);
  }
}

void StackGuard::OnWritten() {
  SettingsWatch::Written written = watch_->Drain();
  const bool told = std::any_of(std::begin(kTold), std::end(kTold),
                                [&](const char* name) { return written.names.contains(name); });
  if (told || written.all) listener_.FactsChanged();
  if (written.all) {
    for (const auto& [name, wanted] : settings_.wanted()) written.names.insert(name);
  }
  for (const auto& [name, times] : answers_) {
    if (times >= kMaxAnswers) written.names.erase(name);
  }
  if (!written.names.empty()) Look(&written.names);
}

void StackGuard::Look(const std::set<std::string>* names) {
  settings_.Check(names);
  Tell(settings_.TakeForeign());
}

void StackGuard::LookEachMinute() {
  answers_.clear();
  Look(nullptr);
  minute_ = loop_.RunAfter(kLook, [this] { LookEachMinute(); });
}

void StackGuard::Tell(const std::vector<ForeignSetting>& foreign) {
  if (foreign.empty()) return;
  for (const ForeignSetting& one : foreign) {
    ++changed_by_others_;
    if (++answers_[one.name] > kMaxTold) continue;
    const std::string name = policy::SysctlText(one.name);
    std::string detail = absl::StrCat("another program set it to ", one.found);
    if (one.put_back) {
      absl::StrAppend(&detail, "; it is ", one.wanted, " again");
    } else if (!one.error.empty()) {
      absl::StrAppend(&detail, "; it could not be set to ", one.wanted, ": ", one.error);
    } else {
      absl::StrAppend(&detail, ", policy ", one.policy, " says ", one.wanted,
                      " and does not enforce it");
    }
    LogWarning(name, ": ", detail);
    v1::StackEvent event;
    event.set_kind(one.put_back ? v1::StackEvent::put_back : v1::StackEvent::told);
    event.set_setting(name);
    event.set_detail(std::move(detail));
    listener_.StackChanged(std::move(event));
  }
  listener_.FactsChanged();
}

void StackGuard::Measure() {
  second_ = loop_.RunAfter(kMeasure, [this] { Measure(); });
  const absl::StatusOr<TcpCounters> counters = ReadTcpCounters();
  if (!counters.ok()) return LogError(counters.status().message());
  const Clock::time_point now = Clock::now();
  if (!last_counters_.has_value()) {
    last_counters_ = *counters;
    last_measured_ = now;
    return;
  }
  const TcpCounters before = std::exchange(*last_counters_, *counters);
  const double seconds = std::max(
      1.0, std::chrono::duration<double>(now - std::exchange(last_measured_, now)).count());
  const uint64_t refused = Since(counters->refused(), before.refused());
  // While the SYN proxy answers SYNs in front of the sockets, only its counters show the flood.
  const uint64_t begun = Since(counters->proxied, before.proxied);
  const uint64_t unanswered = Since(begun, Since(counters->proxied_back, before.proxied_back));
  AttackMeasure measure;
  measure.refused = static_cast<uint64_t>(
      static_cast<double>(refused + (detector_.attacked() ? unanswered : 0)) / seconds);
  const bool count = detector_.limits().half_open || detector_.limits().retried;
  const bool open =
      detector_.attacked() || refused > 0 || counters->retransmitted != before.retransmitted;
  if (count && (open || now >= next_count_)) {
    next_count_ = now + kCountAnyway;
    if (const auto half_open = CountHalfOpen(); half_open.ok()) {
      measure.half_open = half_open->connections;
      measure.retried = half_open->retried;
    } else {
      LogError(half_open.status().message());
    }
  }
  const bool backlog = pressure_.backlog.Take(refused, now);
  if (detector_.Take(measure, now)) return TellAttack();
  if (backlog) listener_.PressureChanged(pressure_);
}

void StackGuard::TellAttack() {
  const bool attacked = detector_.attacked();
  v1::StackEvent event;
  event.set_kind(attacked ? v1::StackEvent::attack_began : v1::StackEvent::attack_ended);
  std::string detail = detector_.Describe();
  if (attacked) attacked_since_ = absl::Now();
  if (!attacked) {
    detail = absl::StrCat("after ", absl::ToInt64Seconds(absl::Now() - attacked_since_),
                          " s; at its height: ", detail);
  }
  LogWarning(attacked ? "a flood of connection requests has begun: "
                      : "the flood of connection requests has ended ",
             detail);
  event.set_detail(std::move(detail));
  listener_.StackChanged(std::move(event));
  pressure_.attacked = attacked && defends_;
  listener_.PressureChanged(pressure_);
  listener_.FactsChanged();
}

std::optional<v1::StackState> StackGuard::State() const {
  v1::StackState state;
  bool hardened = detector_.limits().any();
  for (const SettingState& one : settings_.States()) {
    if (!one.wanted.setting.empty() && !one.wanted.keeps &&
        one.wanted.setting != policy::kForLoggedConnections) {
      hardened = true;
    }
    state.set_settings(state.settings() + 1);
    if (one.problem.empty()) continue;
    state.set_settings_wrong(state.settings_wrong() + 1);
    if (state.problems_size() == kMaxProblems) continue;
    state.add_problems(absl::StrCat(policy::SysctlText(one.name), ": ", one.problem));
  }
  for (const auto& [setting, reason] : held_back_) {
    if (state.problems_size() == kMaxProblems) break;
    state.add_problems(absl::StrCat(setting, ": ", reason));
  }
  if (!hardened && state.problems().empty() && changed_by_others_ == 0) return std::nullopt;
  state.set_attacked(detector_.attacked());
  if (detector_.attacked()) *state.mutable_attacked_since() = ToTimestamp(attacked_since_);
  state.set_attacks(detector_.attacks());
  state.set_changed_by_others(changed_by_others_);
  return state;
}

}  // namespace firebreak::agent
