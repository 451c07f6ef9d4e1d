// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_HARDENING_ATTACK_DETECTOR_H_
#define FIREBREAK_AGENT_HARDENING_ATTACK_DETECTOR_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace firebreak::agent {

// Above which there is an attack; none: not looked at. See the catalogue (policy/hardening).
struct AttackLimits {
  std::optional<uint64_t> refused;
  std::optional<uint64_t> half_open;
  std::optional<uint64_t> retried;

  bool any() const { return refused || half_open || retried; }
  friend bool operator==(const AttackLimits&, const AttackLimits&) = default;
};

// What was measured at one moment.
struct AttackMeasure {
  uint64_t refused = 0;  // a second: for want of room, or begun and not completed at the SYN proxy
  uint64_t half_open = 0;
  uint64_t retried = 0;
};

// Whether the host is attacked by a flood of connection requests. It is from when any measure is
// above its limit, until all have been at half of it or below for kQuiet: so a flood that comes in
// bursts is one attack.
//
// A value: the caller measures and keeps the time.
class AttackDetector {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds kQuiet{10};

  void SetLimits(AttackLimits limits) { limits_ = limits; }
  const AttackLimits& limits() const { return limits_; }

  // Returns whether the answer of attacked() has changed.
  bool Take(const AttackMeasure& measure, Clock::time_point now);
  // Nobody looks any more. As Take.
  bool Reset();

  bool attacked() const { return attacked_; }
  // What the attack began by, and the most of it: "812 half-open connections (limit 500)".
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
