#ifndef FIREBREAK_AGENT_UPLINK_RENEWAL_SCHEDULE_H_
#define FIREBREAK_AGENT_UPLINK_RENEWAL_SCHEDULE_H_

#include "absl/random/bit_gen_ref.h"
#include "absl/time/time.h"
#include "agent/identity/identity.h"
#include "base/backoff/backoff.h"

namespace firebreak::agent {

// When a host asks for its next certificate: a little after half of the present one's life, so that
// hosts that enrolled together do not come together; and again, with growing pauses, if it does not
// get one. Whatever the clocks of the two ends show, no pause is shorter than ShortestPause.
//
// A value without a clock or a thread; the caller owns the timer.
class RenewalSchedule {
 public:
  // A certificate's time goes on while the host sleeps or its clock is set, and timers stand still:
  // no pause is longer than this.
  static constexpr absl::Duration kLook = absl::Hours(1);

  // A tenth of the lifetime, from 1 s to kLook.
  static absl::Duration ShortestPause(absl::Duration lifetime);

  // `identity` is new, or was read at the start of the program.
  RenewalSchedule(const Identity& identity, absl::BitGenRef random);

  bool Due(const Identity& identity, absl::Time now) const;

  // The pause until it is asked again whether a renewal is due.
  absl::Duration Pause(const Identity& identity, absl::Time now) const;

  // The pause until the next attempt, after one that failed.
  absl::Duration PauseAfterFailure(absl::BitGenRef random) { return backoff_.Next(random); }

 private:
  absl::Duration spread_;
  Backoff backoff_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_UPLINK_RENEWAL_SCHEDULE_H_
