// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_MERGE_LOCAL_SWITCH_H_
#define FIREBREAK_POLICY_MERGE_LOCAL_SWITCH_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "firebreak/v1/effective.pb.h"
#include "firebreak/v1/location.pb.h"

namespace firebreak::policy {

// Stands in place of a policy's name for settings that the host's own administrator has switched.
// Such switches take precedence over the fleet's policy, as far as its `local_control` permits. All
// functions in this file are pure.
inline constexpr char kLocalPolicy[] = "local";

// More switches than this are more than an administrator can follow.
inline constexpr int kMaxLocalSwitches = 32;

// What a switch is about. Switches about different things have nothing to do with each other.
enum class SwitchSubject { kFirewall, kIcmp, kLogging };
SwitchSubject SubjectOf(const v1::LocalSwitch& one);
// Whether the switch leaves its subject to the policy again.
bool LeavesToPolicy(const v1::LocalSwitch& one);
// Returns what is switched: "firewall off", "ICMP echo-request, redirect", "log as the fleet's
// policy says". The names of ICMP messages are in it as they are.
std::string DescribeSwitch(const v1::LocalSwitch& one);

// Whether and how one switch is permitted.
struct LocalPermission {
  v1::LocalControl::Level level = v1::LocalControl::deny;  // never unspecified
  std::string reason;                                      // a sentence that names the policy
};

// Returns whether a switch is permitted. Both the location whose settings now apply to the host as
// a whole and at least one of the locations where the switch would hold must permit it. The
// strictest of the permitting locations decides whether the switch must be confirmed. Where no
// policy sets `local_control`, switches are denied.
LocalPermission PermissionFor(const v1::EffectivePolicy& policy,
                              const v1::EffectiveLocation& host_location,
                              const v1::LocalSwitch& wanted);

// Puts the switch in front of the others, and removes those about the same that hold only where the
// new one does.
void AddSwitch(const v1::LocalSwitch& added, v1::LocalSwitches& switches);

// Removes the switches about the same that hold only where `wanted` would. FailedPrecondition: one
// switch holds there and elsewhere too, and must be ended as a whole; no switch is removed then.
absl::Status EndSwitches(const v1::LocalSwitch& wanted, v1::LocalSwitches& switches);

// Returns the switch that decides about the subject for an interface at a location, or null if
// there is none. The log is about the whole host: `interface` is empty.
const v1::LocalSwitch* FindSwitch(const v1::LocalSwitches& switches, SwitchSubject subject,
                                  absl::string_view interface, absl::string_view location);

// Whether the policy lets the host's administrator switch at this location at all.
bool LetsSwitch(const v1::EffectiveLocation& location);

// Puts the switches above all that each location that permits them says.
void ApplySwitches(const v1::LocalSwitches& switches, v1::EffectivePolicy& policy);

// Removes the switches that no location of the policy permits, and returns them.
std::vector<v1::LocalSwitch> RemoveForbidden(const v1::EffectivePolicy& policy,
                                             v1::LocalSwitches& switches);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_MERGE_LOCAL_SWITCH_H_
