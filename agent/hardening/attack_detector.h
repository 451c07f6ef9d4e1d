// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_HARDENING_ATTACK_DETECTOR_H_
#define FIREBREAK_AGENT_HARDENING_ATTACK_DETECTOR_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace firebreak::agent {

// Measures above these limits mean an attack; none: the measure is ignored. The catalogue
// (policy/hardening) describes the settings.
struct AttackLimits {
  std::optional<uint64_t> refused;
  std::optional<uint64_t> half_open;
  std::optional<uint64_t> retried;

  bool any() const { return refused || half_open || retried; }
  friend bool operator==(const AttackLimits&, const AttackLimits&) = default;
};

// Measures taken at one moment.
struct AttackMeasure {
  uint64_t refused = 0;  // per second: no room, or not completed at the SYN proxy
  uint64_t half_open = 0;
  uint64_t retried = 0;
};

// Decides whether the host is under attack by a flood of connection requests. An attack begins when
// a measure is above its limit, and ends when all measures have stayed at or below half of their
// limits for kQuiet, so a flood in bursts counts as one attack.
//
// A value: the caller measures and supplies the time.
class AttackDetector {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds kQuiet{10};

  void SetLimits(AttackLimits limits) { limits_ = limits; }
  const AttackLimits& limits() const { return limits_; }

  // Returns whether attacked() has changed.
  bool Take(const AttackMeasure& measure, Clock::time_point now);
  // Ends any attack, because measuring has stopped. Returns whether attacked() has changed.
  bool Reset();

  bool attacked() const { return attacked_; }
  // Describes the attack by the largest measures that exceeded their limits: "812 half-open
  // connections (limit 500)".
  std::string Describe() const;
  uint64_t attacks() const { return attacks_; }

 private:
  AttackLimits limits_;
  bool attacked_ = false;
  uint64_t attacks_ = 0;
  AttackMeasure most_;
  Clock::time_point last_loud_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_HARDENING_ATTACK_DETECTOR_H_
