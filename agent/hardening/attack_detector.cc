// SPDX-License-Identifier: Apache-2.0
#include "agent/hardening/attack_detector.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace firebreak::agent {
namespace {

bool Above(uint64_t measured, const std::optional<uint64_t>& limit) {
  return limit.has_value() && measured > *limit;
}

// Whether the measure is above half of the limit; for a limit of 0, above 0.
bool Loud(uint64_t measured, const std::optional<uint64_t>& limit) {
  return limit.has_value() && measured > *limit / 2;
}

}  // namespace

bool AttackDetector::Take(const AttackMeasure& measure, Clock::time_point now) {
  const bool begins = Above(measure.refused, limits_.refused) ||
                      Above(measure.half_open, limits_.half_open) ||
                      Above(measure.retried, limits_.retried);
  const bool loud = Loud(measure.refused, limits_.refused) ||
                    Loud(measure.half_open, limits_.half_open) ||
                    Loud(measure.retried, limits_.retried);
  if (loud) last_loud_ = now;
  if (attacked_) {
    most_ = {.refused = std::max(most_.refused, measure.refused),
             .half_open = std::max(most_.half_open, measure.half_open),
             .retried = std::max(most_.retried, measure.retried)};
    if (now - last_loud_ < kQuiet) return false;
    attacked_ = false;
    return true;
  }
  if (!begins) return false;
  attacked_ = true;
  ++attacks_;
  most_ = measure;
  return true;
}

bool AttackDetector::Reset() { return std::exchange(attacked_, false); }

std::string AttackDetector::Describe() const {
  std::vector<std::string> texts;
  const auto add = [&](uint64_t measured, const std::optional<uint64_t>& limit, const char* what) {
    if (Above(measured, limit))
      texts.push_back(absl::StrCat(measured, what, " (limit ", *limit, ")"));
  };
  add(most_.half_open, limits_.half_open, " half-open connections");
  add(most_.retried, limits_.retried, " of them answered more than once");
  add(most_.refused, limits_.refused, " requests refused or begun by cookies in a second");
  return absl::StrJoin(texts, ", ");
}

}  // namespace firebreak::agent
