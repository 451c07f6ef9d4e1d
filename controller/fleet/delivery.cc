// SPDX-License-Identifier: Apache-2.0
#include "controller/fleet/delivery.h"

#include <utility>

namespace firebreak::controller {

void Delivery::Want(uint64_t revision, absl::string_view policy_digest) {
  if (wanted_.has_value() && revision < wanted_->revision) return;
  wanted_ = State{revision, std::string(policy_digest)};
}

void Delivery::OnReceipt(uint64_t revision, absl::string_view policy_digest) {
  State state{revision, std::string(policy_digest)};
  if (in_flight_ == state) in_flight_.reset();
  // The revision is in force after all, so the refusal was about an earlier attempt.
  if (refused_ == state) refused_.reset();
  proven_ = std::move(state);
  needs_full_ = false;
}

void Delivery::OnRefusal(uint64_t revision, absl::string_view policy_digest, bool undone) {
  State state{revision, std::string(policy_digest)};
  if (proven_ == state) proven_.reset();
  if (in_flight_ == state) {
    in_flight_.reset();
    if (in_flight_is_brief_ && !undone) {
      // The host had proven this policy, so a refusal of the brief push means that it has lost the
      // policy.
      needs_full_ = true;
      return;
    }
  }
  refused_ = std::move(state);
}

Delivery::Push Delivery::Due() const {
  if (!wanted_.has_value() || in_flight_.has_value() || proven_ == wanted_ || refused_ == wanted_) {
    return Push::kNone;
  }
  const bool brief =
      !needs_full_ && proven_.has_value() && proven_->policy_digest == wanted_->policy_digest;
  return brief ? Push::kBrief : Push::kFull;
}

void Delivery::Sent() {
  in_flight_is_brief_ = Due() == Push::kBrief;
  in_flight_ = wanted_;
}

}  // namespace firebreak::controller
