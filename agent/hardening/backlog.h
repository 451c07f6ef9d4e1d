// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_HARDENING_BACKLOG_H_
#define FIREBREAK_AGENT_HARDENING_BACKLOG_H_

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace firebreak::agent {

// How far the limits of connection queues are raised (enable_dynamic_backlog). Each refused request
// raises them by `growth`; each minute without a refused request halves the raise.
//
// A value: the caller measures and supplies the time.
class Backlog {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::minutes kQuiet{1};

  struct Bounds {
    bool enabled = false;
    int64_t least = 1;
    int64_t most = 65'535;
    int64_t growth = 10;
    friend bool operator==(const Bounds&, const Bounds&) = default;
  };

  void SetBounds(const Bounds& bounds) {
    bounds_ = bounds;
    if (!bounds.enabled) raised_ = 0;
  }
  const Bounds& bounds() const { return bounds_; }

  // Returns whether the limits have changed.
  bool Take(uint64_t refused, Clock::time_point now) {
    const int64_t before = raised_;
    if (!bounds_.enabled) return false;
    if (refused > 0) {
      last_ = now;
      const auto times = static_cast<int64_t>(std::min<uint64_t>(refused, 65'535));
      raised_ = std::min(bounds_.most, raised_ + times * bounds_.growth);
    } else if (raised_ > 0 && now - last_ >= kQuiet) {
      last_ = now;
      raised_ = raised_ < bounds_.growth ? 0 : raised_ / 2;
    }
    return raised_ != before;
  }

  // Returns the present limit for a queue whose limit was originally `found`.
  int64_t LimitFor(int64_t found) const {
    return std::min(std::clamp(found, bounds_.least, bounds_.most) + raised_, bounds_.most);
  }
  bool raised() const { return raised_ > 0; }

 private:
  Bounds bounds_;
  int64_t raised_ = 0;
  Clock::time_point last_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_HARDENING_BACKLOG_H_
