#ifndef FIREBREAK_POLICY_LOCATION_CLAIM_H_
#define FIREBREAK_POLICY_LOCATION_CLAIM_H_

#include <chrono>
#include <optional>
#include <string>

#include "firebreak/v1/resources.pb.h"

namespace firebreak::policy {

// Times of a clock that nobody sets, and spans of it.
using MonotonicTime = std::chrono::steady_clock::time_point;
using Span = std::chrono::milliseconds;

inline constexpr Span kDefaultLease = std::chrono::seconds(30);
inline constexpr Span kDefaultMaxRoundTrip = std::chrono::milliseconds(250);

// What a location says, or its default.
Span LeaseOf(const v1::Location& location);
Span MaxRoundTripOf(const v1::Location& location);

// When proof is looked for.
// The second proof that a promotion needs comes this long after the first, so that a link that
// comes and goes faster never promotes.
inline constexpr Span kBetweenFirstProofs = std::chrono::milliseconds(500);
// While there is none; right after the link has changed, when it may need a moment, sooner: after
// the first of these, then after twice as long each time.
inline constexpr Span kFirstBetweenAttempts = std::chrono::milliseconds(100);
inline constexpr Span kBetweenAttempts = std::chrono::seconds(1);
// A lease is renewed when a third of it has passed; an attempt to renew it that fails is made again
// this soon, or each tenth of the lease if that is longer.
inline constexpr Span kBetweenRenewals = std::chrono::seconds(1);

// What one interface knows of one location: how far it is with proving to be there.
//
// Promotion takes two proofs in a row, kBetweenFirstProofs apart at least and with nothing having
// happened to the link since; then each proof renews the lease. An attempt that fails before
// promotion begins anew; after it, it takes nothing away, as the lease ends by itself. A value
// without I/O: the caller says what happened and when, and asks what to do.
class Claim {
 public:
  explicit Claim(Span lease) : lease_(lease) {}

  // The attempt that was begun at `begun` succeeded. A proof is as old as its question, not as its
  // answer, which may have been under way. Returns whether the lease is (still) held, so that the
  // kernel is to be told of its new end.
  bool Proven(MonotonicTime begun, MonotonicTime now);
  void Failed(MonotonicTime now);
  // It cannot be so, by what the link's network says of itself.
  void RuledOut(MonotonicTime now);
  // The link has changed: nothing is known any more, and proof is looked for at `now`.
  void Reset(MonotonicTime now);

  bool Holds(MonotonicTime now) const { return lease_end_.has_value() && now < *lease_end_; }
  // What is left of the lease; zero if it is not held.
  Span Left(MonotonicTime now) const;
  std::optional<MonotonicTime> lease_end() const { return lease_end_; }

  // When to look for proof next.
  MonotonicTime next_attempt() const { return next_attempt_; }

  // Since when it has been held without a break, and when it was last proven.
  MonotonicTime since() const { return since_; }
  MonotonicTime last_proof() const { return last_proof_; }

 private:
  Span lease_;
  std::optional<MonotonicTime> first_proof_;  // waits for a second
  std::optional<MonotonicTime> lease_end_;
  MonotonicTime since_;
  MonotonicTime last_proof_;
  MonotonicTime next_attempt_;
  Span patience_ = kFirstBetweenAttempts;
};

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_LOCATION_CLAIM_H_
