#ifndef FIREBREAK_CONTROLLER_ENROLMENT_RENEWAL_BUDGET_H_
#define FIREBREAK_CONTROLLER_ENROLMENT_RENEWAL_BUDGET_H_

#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace firebreak::controller {

// How often a host may renew its certificate: each renewal stays in the audit trail for ever. A few
// at once, for answers that got lost, and then one in a twentieth of a certificate's life, which is
// ten times as often as an agent asks.
//
// Thread-safe. Callers are hosts that were let in, so there are no more entries than hosts.
class RenewalBudget {
 public:
  static constexpr int kBurst = 5;

  explicit RenewalBudget(absl::Duration lifetime);

  // ResourceExhausted, with the time to wait, if the host has none left. A renewal at a time before
  // the last one, as when the clock was set back, counts as one at the same time.
  absl::Status Spend(const std::string& host, absl::Time now) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  const absl::Duration interval_;
  absl::Mutex mutex_;
  // By host, until when its renewals are paid for at one an interval.
  std::map<std::string, absl::Time> paid_until_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_ENROLMENT_RENEWAL_BUDGET_H_
