// SPDX-License-Identifier: Apache-2.0
#include "controller/enrolment/renewal_budget.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace firebreak::controller {
namespace {

constexpr absl::Duration kLongestInterval = absl::Hours(1);

}  // namespace

RenewalBudget::RenewalBudget(absl::Duration lifetime)
    : interval_(std::min(lifetime / 20, kLongestInterval)) {}

absl::Status RenewalBudget::Spend(const std::string& host, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  absl::Time& paid_until = paid_until_.try_emplace(host, now).first->second;
  // The clamp keeps a clock that was set back from shutting the host out for that time.
  paid_until = std::clamp(paid_until, now, now + kBurst * interval_);
  if (paid_until + interval_ > now + kBurst * interval_) {
    const absl::Duration wait = paid_until + interval_ - (now + kBurst * interval_);
    return absl::ResourceExhaustedError(
        absl::StrCat("host ", host, " renews its certificate too often; the next one in ",
                     absl::FormatDuration(absl::Ceil(wait, absl::Seconds(1)))));
  }
  paid_until += interval_;
  return absl::OkStatus();
}

}  // namespace firebreak::controller
