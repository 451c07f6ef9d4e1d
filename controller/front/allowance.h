// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FRONT_ALLOWANCE_H_
#define FIREBREAK_CONTROLLER_FRONT_ALLOWANCE_H_

#include <algorithm>
#include <chrono>

namespace firebreak::controller {

// So many at once, and then so many a second. A value; times must not go back.
class Allowance {
 public:
  using Clock = std::chrono::steady_clock;

  struct Rate {
    double at_once;
    double per_second;
  };

  Allowance(Rate rate, Clock::time_point now) : left_(rate.at_once), counted_(now) {}

  // False: there is none left. `rate` is always the same one.
  bool Spend(const Rate& rate, Clock::time_point now) {
    Refill(rate, now);
    if (left_ < 1) return false;
    left_ -= 1;
    return true;
  }

  // Spends `amount` even if less is left. Returns how long it takes until nothing is owed; zero if
  // nothing is.
  Clock::duration Owe(const Rate& rate, double amount, Clock::time_point now) {
    Refill(rate, now);
    left_ -= amount;
    const std::chrono::duration<double> wait(std::max(-left_, 0.0) / rate.per_second);
    return std::chrono::ceil<Clock::duration>(wait);
  }

 private:
  void Refill(const Rate& rate, Clock::time_point now) {
    const double seconds = std::chrono::duration<double>(now - counted_).count();
    counted_ = now;
    left_ = std::min(left_ + seconds * rate.per_second, rate.at_once);
  }

  double left_;
  Clock::time_point counted_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FRONT_ALLOWANCE_H_
