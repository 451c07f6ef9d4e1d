// SPDX-License-Identifier: Apache-2.0
#include "controller/fleet/trial_window.h"

#include <algorithm>
#include <utility>

namespace firebreak::controller {
namespace {

// An agent gives an attempt 5 s, so the limit shrinks before proofs take that long.
constexpr absl::Duration kSlowest = absl::Seconds(4);

}  // namespace

absl::Duration TrialWindow::Slow() const {
  return std::min(4 * best_ + absl::Seconds(1), kSlowest);
}

absl::Duration TrialWindow::Quick() const {
  return std::min(2 * best_ + absl::Milliseconds(250), kSlowest / 2);
}

void TrialWindow::OnAnswer(absl::Duration took, bool full) {
  if (fixed_) return;
  round_.push_back(took);
  full_ |= full;
  if (round_.size() < limit_) return;
  const auto middle = round_.begin() + static_cast<ptrdiff_t>(round_.size() / 2);
  std::nth_element(round_.begin(), middle, round_.end());
  const absl::Duration median = *middle;
  round_.clear();
  best_ = std::min(best_, median);
  if (median > Slow()) {
    limit_ = std::max(kLeast, limit_ - limit_ / 4);
  } else if (median < Quick() && std::exchange(full_, false)) {
    limit_ = std::min(kMost, limit_ + limit_ / 4);
  }
  full_ = false;
}

}  // namespace firebreak::controller
