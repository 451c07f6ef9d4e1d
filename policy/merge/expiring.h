// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_MERGE_EXPIRING_H_
#define FIREBREAK_POLICY_MERGE_EXPIRING_H_

#include <cstdint>
#include <vector>

#include "firebreak/v1/effective.pb.h"

namespace firebreak::policy {

// Mappings that expire. Times are in seconds since 1970, by the caller's clock.

inline bool HasExpired(const v1::Mapping& mapping, int64_t now) {
  return mapping.expires() != 0 && mapping.expires() <= now;
}

// Returns all mappings of the policy, in the order of the message. They point into the policy.
std::vector<const v1::Mapping*> AllMappings(const v1::EffectivePolicy& policy);

// Returns the policy without the mappings that have expired by then.
v1::EffectivePolicy WithoutExpired(const v1::EffectivePolicy& policy, int64_t now);

// The times around `now` at which mappings expire; 0: there is none.
struct Expiry {
  int64_t last = 0;  // the latest one not after `now`
  int64_t next = 0;  // the earliest one after `now`
  friend bool operator==(const Expiry&, const Expiry&) = default;
};
Expiry ExpiryAround(const v1::EffectivePolicy& policy, int64_t now);

// Whether the set of expired mappings has changed since `expiry` was computed. Allows for a clock
// that was set back.
inline bool IsOver(const Expiry& expiry, int64_t now) {
  return (expiry.next != 0 && now >= expiry.next) || now < expiry.last;
}

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_MERGE_EXPIRING_H_
