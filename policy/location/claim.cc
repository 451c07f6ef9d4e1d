// SPDX-License-Identifier: Apache-2.0
#include "policy/location/claim.h"

#include <algorithm>

namespace firebreak::policy {
namespace {

Span ToSpan(const google::protobuf::Duration& duration) {
  return std::chrono::duration_cast<Span>(std::chrono::seconds(duration.seconds()) +
                                          std::chrono::nanoseconds(duration.nanos()));
}

}  // namespace

Span LeaseOf(const v1::Location& location) {
  return location.has_lease() ? ToSpan(location.lease()) : kDefaultLease;
}

Span MaxRoundTripOf(const v1::Location& location) {
  return location.has_max_round_trip() ? ToSpan(location.max_round_trip()) : kDefaultMaxRoundTrip;
}

bool Claim::Proven(MonotonicTime begun, MonotonicTime now) {
  const MonotonicTime end = begun + lease_;
  if (end <= now) {
    Failed(now);
    return false;
  }
  if (Holds(now)) {
    lease_end_ = std::max(*lease_end_, end);
  } else if (!first_proof_.has_value() || begun < *first_proof_ + kBetweenFirstProofs) {
    lease_end_.reset();
    if (!first_proof_.has_value()) first_proof_ = begun;
    next_attempt_ = *first_proof_ + kBetweenFirstProofs;
    return false;
  } else {
    lease_end_ = end;
    since_ = now;
  }
  first_proof_.reset();
  last_proof_ = now;
  next_attempt_ = now + lease_ / 3;
  return true;
}

void Claim::Failed(MonotonicTime now) {
  first_proof_.reset();
  if (Holds(now)) {
    next_attempt_ = now + std::max(kBetweenRenewals, lease_ / 10);
  } else {
    lease_end_.reset();
    next_attempt_ = now + patience_;
    patience_ = std::min(patience_ * 2, kBetweenAttempts);
  }
}

void Claim::RuledOut(MonotonicTime now) {
  lease_end_.reset();
  Failed(now);
}

void Claim::Reset(MonotonicTime now) {
  first_proof_.reset();
  lease_end_.reset();
  next_attempt_ = now;
  patience_ = kFirstBetweenAttempts;
}

Span Claim::Left(MonotonicTime now) const {
  if (!Holds(now)) return Span::zero();
  return std::chrono::duration_cast<Span>(*lease_end_ - now);
}

}  // namespace firebreak::policy
