// SPDX-License-Identifier: Apache-2.0
#include "base/backoff/backoff.h"

#include <algorithm>
#include <utility>

#include "absl/random/uniform_real_distribution.h"

namespace firebreak {

Backoff::Backoff(absl::Duration floor, absl::Duration bound)
    : floor_(floor), bound_(std::max(floor, bound)), next_(floor) {}

absl::Duration Backoff::Next(absl::BitGenRef random) {
  const absl::Duration longest = std::exchange(next_, std::min(2 * next_, bound_));
  return longest * absl::uniform_real_distribution<double>(0.5, 1)(random);
}

}  // namespace firebreak
