// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_LOCATION_WHEREABOUTS_H_
#define FIREBREAK_POLICY_LOCATION_WHEREABOUTS_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "firebreak/v1/effective.pb.h"
#include "policy/location/claim.h"
#include "policy/resources/elsewhere.h"

namespace firebreak::policy {

// Determines where one interface is, from its claims to the policy's locations. The claim with the
// highest precedence among those that hold decides; if none holds, the interface is elsewhere. Pure
// state without I/O.
class Whereabouts {
 public:
  // Sets the locations that can be proven. A claim whose location is still proven in the same way
  // stays as it is; the others begin anew. Returns the locations whose claims were dropped while
  // they held.
  std::vector<std::string> SetLocations(const v1::EffectivePolicy& policy, MonotonicTime now);

  // Reports that the link has changed. Returns the locations whose claims held; all of them are
  // lost.
  std::vector<std::string> Disturb(MonotonicTime now);

  // The location with the highest precedence whose claim holds at `now`, or "elsewhere".
  const std::string& At(MonotonicTime now) const;

  // Returns null if the location is not one that can be proven.
  Claim* Find(absl::string_view location);
  const Claim* Find(absl::string_view location) const;

  struct Entry {
    v1::Location location;
    Claim claim;
  };
  // Highest precedence first.
  const std::vector<Entry>& entries() const { return entries_; }

  // The earliest end of a claim that holds now.
  std::optional<MonotonicTime> NextEnd(MonotonicTime now) const;

 private:
  std::vector<Entry> entries_;
};

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_LOCATION_WHEREABOUTS_H_
