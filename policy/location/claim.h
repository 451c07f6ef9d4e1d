// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_LOCATION_CLAIM_H_
#define FIREBREAK_POLICY_LOCATION_CLAIM_H_

#include <chrono>
#include <optional>
#include <string>

#include "firebreak/v1/resources.pb.h"

namespace firebreak::policy {

// Times and time spans of a steady clock.
using MonotonicTime = std::chrono::steady_clock::time_point;
using Span = std::chrono::milliseconds;

inline constexpr Span kDefaultLease = std::chrono::seconds(30);
inline constexpr Span kDefaultMaxRoundTrip = std::chrono::milliseconds(250);

// The location's own value, or the default.
Span LeaseOf(const v1::Location& location);
Span MaxRoundTripOf(const v1::Location& location);

// The times at which proof is looked for.
// The second proof that a promotion needs comes this long after the first, so that a link that
// flaps faster than this is never promoted.
inline constexpr Span kBetweenFirstProofs = std::chrono::milliseconds(500);
// The pauses between attempts while there is no proof. Right after the link has changed, the
// network may need a moment: the first pause is kFirstBetweenAttempts, and each further one is
// twice as long, up to kBetweenAttempts.
inline constexpr Span kFirstBetweenAttempts = std::chrono::milliseconds(100);
inline constexpr Span kBetweenAttempts = std::chrono::seconds(1);
// A lease is renewed when a third of it has passed. After a failed attempt to renew it, the next
// attempt comes after this time, or after a tenth of the lease if that is longer.
inline constexpr Span kBetweenRenewals = std::chrono::seconds(1);

// The claim of one interface to be at one location, and how far its proof has come.
//
// Promotion takes two proofs in a row, at least kBetweenFirstProofs apart, without a change of the
// link in between. After that, each proof renews the lease. A failed attempt before the promotion
// discards the first proof; a failed attempt after it changes nothing, because the lease expires by
// itself. Pure state without I/O: the caller reports what happened and when, and asks what to do.
class Claim {
 public:
  explicit Claim(Span lease) : lease_(lease) {}

  // Reports that the attempt that began at `begun` succeeded. The age of a proof counts from its
  // question, because its answer may have been delayed. Returns whether the lease is held (again or
  // still), in which case the kernel must be told its new end.
  bool Proven(MonotonicTime begun, MonotonicTime now);
  void Failed(MonotonicTime now);
  // Reports that the facts about the link's network rule the location out.
  void RuledOut(MonotonicTime now);
  // Reports that the link has changed: discards all proofs, and asks for a new one at `now`.
  void Reset(MonotonicTime now);

  bool Holds(MonotonicTime now) const { return lease_end_.has_value() && now < *lease_end_; }
  // The time that is left of the lease; zero if it is not held.
  Span Left(MonotonicTime now) const;
  std::optional<MonotonicTime> lease_end() const { return lease_end_; }

  // When to look for proof next.
  MonotonicTime next_attempt() const { return next_attempt_; }

  // Since when the lease has been held without interruption, and when it was last proven.
  MonotonicTime since() const { return since_; }
  MonotonicTime last_proof() const { return last_proof_; }

 private:
  Span lease_;
  std::optional<MonotonicTime> first_proof_;  // a proof that waits for the second one
  std::optional<MonotonicTime> lease_end_;
  MonotonicTime since_;
  MonotonicTime last_proof_;
  MonotonicTime next_attempt_;
  Span patience_ = kFirstBetweenAttempts;
};

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_LOCATION_CLAIM_H_
