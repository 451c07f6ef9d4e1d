// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_MERGE_EXPIRING_H_
#define FIREBREAK_POLICY_MERGE_EXPIRING_H_

#include <cstdint>
#include <vector>

#include "firebreak/v1/effective.pb.h"

namespace firebreak::policy {

// Mappings that expire. Times are seconds since 1970, by the clock of whoever asks.

inline bool HasExpired(const v1::Mapping& mapping, int64_t now) {
  return mapping.expires() != 0 && mapping.expires() <= now;
}

// All mappings of the policy, in the order of the message. They point into it.
std::vector<const v1::Mapping*> AllMappings(const v1::EffectivePolicy& policy);

// The policy as it is at that time: without the mappings that have expired.
v1::EffectivePolicy WithoutExpired(const v1::EffectivePolicy& policy, int64_t now);

// The times around `now` at which the policy changes by itself; 0: there is none.
struct Expiry {
  int64_t last = 0;  // the latest that has come
  int64_t next = 0;  // the earliest that has not
  friend bool operator==(const Expiry&, const Expiry&) = default;
};
Expiry ExpiryAround(const v1::EffectivePolicy& policy, int64_t now);

// Whether what was made when those were the times around is no longer what holds, by a clock that
// may have been set back.
inline bool IsOver(const Expiry& expiry, int64_t now) {
  return (expiry.next != 0 && now >= expiry.next) || now < expiry.last;
}

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_MERGE_EXPIRING_H_
