// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_ENROLMENT_RENEWAL_BUDGET_H_
#define FIREBREAK_CONTROLLER_ENROLMENT_RENEWAL_BUDGET_H_

#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace firebreak::controller {

// Limits how often a host may renew its certificate, because each renewal stays in the audit trail
// for ever. A host may renew a few times at once, in case answers get lost, and then once in a
// twentieth of a certificate's lifetime, which is ten times as often as an agent asks.
//
// Thread-safe. Callers are hosts that have been admitted, so there are no more entries than hosts.
class RenewalBudget {
 public:
  static constexpr int kBurst = 5;

  explicit RenewalBudget(absl::Duration lifetime);

  // ResourceExhausted, with the time to wait, if the host has no renewal left. A renewal that seems
  // earlier than the last one, because the clock was set back, counts as simultaneous with it.
  absl::Status Spend(const std::string& host, absl::Time now) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  const absl::Duration interval_;
  absl::Mutex mutex_;
  // For each host, the time until which its renewals are paid for at one in each interval.
  std::map<std::string, absl::Time> paid_until_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ENROLMENT_RENEWAL_BUDGET_H_
