// SPDX-License-Identifier: Apache-2.0
#include "agent/uplink/renewal_schedule.h"

#include <algorithm>

#include "absl/random/uniform_real_distribution.h"

namespace firebreak::agent {
namespace {

constexpr absl::Duration kFirstRetry = absl::Minutes(1);
constexpr absl::Duration kLongestSpread = absl::Hours(12);

}  // namespace

absl::Duration RenewalSchedule::ShortestPause(absl::Duration lifetime) {
  return std::clamp(lifetime / 10, absl::Seconds(1), kLook);
}

RenewalSchedule::RenewalSchedule(const Identity& identity, absl::BitGenRef random)
    : spread_(std::min(identity.lifetime() / 20, kLongestSpread) *
              absl::uniform_real_distribution<double>(0, 1)(random)),
      backoff_(std::min(kFirstRetry, ShortestPause(identity.lifetime())),
               ShortestPause(identity.lifetime())) {}

bool RenewalSchedule::Due(const Identity& identity, absl::Time now) const {
  return now >= identity.RenewAt(now) + spread_;
}

absl::Duration RenewalSchedule::Pause(const Identity& identity, absl::Time now) const {
  return std::clamp(identity.RenewAt(now) + spread_ - now, ShortestPause(identity.lifetime()),
                    kLook);
}

}  // namespace firebreak::agent
