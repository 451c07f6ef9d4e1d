// SPDX-License-Identifier: Apache-2.0
#include "policy/rollout/drops_rise.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"

namespace firebreak::policy {
namespace {

constexpr absl::Duration kMinute = absl::Minutes(1);
constexpr int64_t kMinuteSeconds = 60;

uint64_t Since(const DropCounts& before, const std::string& reason, uint64_t now) {
  const auto found = before.find(reason);
  return found == before.end() || found->second > now ? now : now - found->second;
}

// Returns the bound for a reason; null: drops for this reason are not bounded.
const v1::DropsRise* BoundOf(const v1::RolloutGates& gates, const std::string& reason) {
  for (const v1::DropsRise& bound : gates.drops_rise()) {
    const auto& reasons = bound.reasons();
    if (reasons.empty() || std::find(reasons.begin(), reasons.end(), reason) != reasons.end()) {
      return &bound;
    }
  }
  return nullptr;
}

}  // namespace

DropRates RatesBetween(const DropCounts& before, const DropCounts& after, absl::Duration passed) {
  const double minutes = absl::FDivDuration(std::max(passed, absl::Seconds(1)), kMinute);
  DropRates rates;
  for (const auto& [reason, count] : after) {
    const uint64_t packets = Since(before, reason, count);
    if (packets > 0) rates[reason] = static_cast<double>(packets) / minutes;
  }
  return rates;
}

void LastMinuteOfDrops::Add(absl::Duration at, DropCounts counts) {
  counts_.push_back({at, std::move(counts)});
  while (counts_.size() > 2 && at - counts_[1].at >= kMinute) counts_.pop_front();
}

DropCounts LastMinuteOfDrops::Packets() const {
  DropCounts packets;
  if (counts_.empty()) return packets;
  for (const auto& [reason, count] : counts_.back().counts) {
    // If a counter has restarted in between, the packets before the restart are not counted.
    packets[reason] = Since(counts_.front().counts, reason, count);
  }
  return packets;
}

absl::Duration LastMinuteOfDrops::Span() const {
  return counts_.empty() ? absl::ZeroDuration() : counts_.back().at - counts_.front().at;
}

std::optional<DropsRisen> RisenBeyond(const v1::RolloutGates& gates, const DropRates& before,
                                      const DropCounts& last_minute) {
  std::optional<DropsRisen> worst;
  double worst_excess = 0;
  for (const auto& [reason, packets] : last_minute) {
    const v1::DropsRise* const bound = BoundOf(gates, reason);
    if (bound == nullptr) continue;
    const auto found = before.find(reason);
    const double rate = found == before.end() ? 0 : found->second;
    const double excess = static_cast<double>(packets) - rate - bound->per_minute();
    if (excess <= worst_excess) continue;
    worst_excess = excess;
    worst = {reason, packets, rate};
  }
  return worst;
}

std::string RisenText(const DropsRisen& risen, absl::Duration span) {
  return absl::StrCat("it dropped ", risen.packets, risen.packets == 1 ? " packet" : " packets",
                      " within ", absl::FormatDuration(absl::Ceil(span, absl::Seconds(1))), " as ",
                      risen.reason, ", and ",
                      static_cast<uint64_t>(std::min(std::ceil(risen.before), 1e18)),
                      " in a minute before the change");
}

void MostInAMinute::Add(absl::Time at) {
  const int64_t second = absl::ToUnixSeconds(at);
  if (!seconds_.empty() && second <= seconds_.rbegin()->first - kMinuteSeconds) return;
  ++seconds_[second];
  ++sum_;
  while (seconds_.begin()->first <= seconds_.rbegin()->first - kMinuteSeconds) {
    sum_ -= seconds_.begin()->second;
    seconds_.erase(seconds_.begin());
  }
  most_ = std::max(most_, sum_);
}

}  // namespace firebreak::policy
