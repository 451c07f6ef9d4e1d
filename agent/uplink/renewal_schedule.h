// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_UPLINK_RENEWAL_SCHEDULE_H_
#define FIREBREAK_AGENT_UPLINK_RENEWAL_SCHEDULE_H_

#include "absl/random/bit_gen_ref.h"
#include "absl/time/time.h"
#include "agent/identity/identity.h"
#include "base/backoff/backoff.h"

namespace firebreak::agent {

// Decides when a host asks for its next certificate: a little after half of the present
// certificate's lifetime, at a random time, so that hosts that enrolled together do not renew
// together. If renewal fails, the host asks again after growing pauses. Whatever the clocks of host
// and controller show, no pause is shorter than ShortestPause.
//
// This is a value without a clock or a thread; the caller owns the timer.
class RenewalSchedule {
 public:
  // No pause is longer than this: while the host sleeps, or when its clock is set, timers do not
  // follow the clock by which a certificate expires.
  static constexpr absl::Duration kLook = absl::Hours(1);

  // Returns a tenth of the lifetime, but at least 1 s and at most kLook.
  static absl::Duration ShortestPause(absl::Duration lifetime);

  // `identity` is new, or was read when the program started.
  RenewalSchedule(const Identity& identity, absl::BitGenRef random);

  bool Due(const Identity& identity, absl::Time now) const;

  // Returns the pause after which the caller checks again whether renewal is due.
  absl::Duration Pause(const Identity& identity, absl::Time now) const;

  // Returns the pause before the next attempt, after one that failed.
  absl::Duration PauseAfterFailure(absl::BitGenRef random) { return backoff_.Next(random); }

 private:
  absl::Duration spread_;
  Backoff backoff_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_UPLINK_RENEWAL_SCHEDULE_H_
