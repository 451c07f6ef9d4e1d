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

// Where one interface is, by its claims to the policy's locations. The claim with the highest
// precedence among those that hold counts; without any the interface is elsewhere. A value without
// I/O.
class Whereabouts {
 public:
  // Takes over the locations that can be proven. A claim to one whose proof is still the same stays
  // as it is; the others begin anew. Returns the locations whose claims were dropped while held.
  std::vector<std::string> SetLocations(const v1::EffectivePolicy& policy, MonotonicTime now);

  // The link has changed. Returns the locations that it was at: all of them are lost.
  std::vector<std::string> Disturb(MonotonicTime now);

  // The location with the highest precedence whose claim holds at `now`; else "elsewhere".
  const std::string& At(MonotonicTime now) const;

  // Null if the location is not one that can be proven.
  Claim* Find(absl::string_view location);
  const Claim* Find(absl::string_view location) const;

  struct Entry {
    v1::Location location;
    Claim claim;
  };
  // Highest precedence first.
  const std::vector<Entry>& entries() const { return entries_; }

  // When the first of the claims that hold ends.
  std::optional<MonotonicTime> NextEnd(MonotonicTime now) const;

 private:
  std::vector<Entry> entries_;
};

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_LOCATION_WHEREABOUTS_H_
