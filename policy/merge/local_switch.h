#ifndef FIREBREAK_POLICY_MERGE_LOCAL_SWITCH_H_
#define FIREBREAK_POLICY_MERGE_LOCAL_SWITCH_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "firebreak/v1/effective.pb.h"
#include "firebreak/v1/location.pb.h"

namespace firebreak::policy {

// What a host's own administrator switches, above what the fleet's policy says and within what its
// `local_control` lets. Pure functions.

// Stands where a policy's name is expected, for what the host itself has set.
inline constexpr char kLocalPolicy[] = "local";

// More than anybody can follow.
inline constexpr int kMaxLocalSwitches = 32;

// What may be done about one switch.
struct LocalPermission {
  v1::LocalControl::Level level = v1::LocalControl::deny;  // never unspecified
  std::string reason;                                      // who says so, as a sentence
};

// Two things must let it: the location whose settings hold for the host as a whole now, and at
// least one of the locations where the switch would hold. The strictest of those that do not deny
// it decides whether it is to be confirmed. Without `local_control` anywhere it is denied.
LocalPermission PermissionFor(const v1::EffectivePolicy& policy,
                              const v1::EffectiveLocation& host_location,
                              const v1::LocalSwitch& wanted);

// Puts the switch in front of the others, in the place of those that hold nowhere else.
void AddSwitch(const v1::LocalSwitch& added, v1::LocalSwitches& switches);

// Takes out those that hold only where `wanted` would. FailedPrecondition: one holds there and
// elsewhere too, and would have to be ended as a whole; nothing is taken out then.
absl::Status EndSwitches(const v1::LocalSwitch& wanted, v1::LocalSwitches& switches);

// The one that decides for an interface at a location; null: none does.
const v1::LocalSwitch* FindSwitch(const v1::LocalSwitches& switches, absl::string_view interface,
                                  absl::string_view location);

// Whether the policy lets the host's administrator switch at this location at all.
bool LetsSwitch(const v1::EffectiveLocation& location);

// Makes the switches the highest layer of each location that lets them.
void ApplySwitches(const v1::LocalSwitches& switches, v1::EffectivePolicy& policy);

// Takes out those that no location of the policy lets hold, and returns them.
std::vector<v1::LocalSwitch> TakeForbidden(const v1::EffectivePolicy& policy,
                                           v1::LocalSwitches& switches);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_MERGE_LOCAL_SWITCH_H_
