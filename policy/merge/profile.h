// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_MERGE_PROFILE_H_
#define FIREBREAK_POLICY_MERGE_PROFILE_H_

#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "firebreak/v1/effective.pb.h"
#include "policy/resources/icmp_options.h"

namespace firebreak::policy {

// What holds for one interface at one location, with all layers combined. The initial values hold
// where no policy sets anything.
struct Profile {
  // Never unspecified. `*_policy` is the policy that set a value; it is empty if no policy did.
  v1::Firewall::Mode firewall = v1::Firewall::on;
  std::string firewall_policy;

  // The first mapping that covers a packet decides. The pointers point into the location.
  std::vector<const v1::Mapping*> inbound;
  std::vector<const v1::Mapping*> outbound;

  v1::Traffic::Action outbound_default = v1::Traffic::allow;  // never unspecified
  std::string outbound_default_policy;

  v1::Unsolicited::Action unsolicited = v1::Unsolicited::drop;  // never unspecified
  std::string unsolicited_policy;

  // Rules for flows that come in by the interface and are routed. Unspecified: the interface's type
  // decides.
  std::vector<const v1::Mapping*> forward;
  v1::Traffic::Action forward_default = v1::Traffic::unspecified;
  std::string forward_default_policy;

  std::set<IcmpOption> icmp;
  std::string icmp_policy;

  // The pointers point into the location.
  std::vector<const v1::Helper*> helpers;
  std::string helpers_policy;

  v1::Flows flows;

  // For each layer, the index of the interface section that holds, or -1. Within a location, equal
  // sections mean equal profiles.
  std::vector<int> sections;
  // Whether a section changes the list; otherwise the list is that of BaseProfileOf.
  bool own_inbound = false;
  bool own_outbound = false;
};

// Combines the layers for an interface. The location must have passed CheckEffective and must
// outlive the profile, which points into it.
Profile ProfileOf(const v1::EffectiveLocation& location, absl::string_view interface_name,
                  absl::string_view interface_type);

// Returns whether no section matches.
bool IsBase(const std::vector<int>& sections);

// These return the sections and the firewall of ProfileOf, and cost less.
std::vector<int> SectionsOf(const v1::EffectiveLocation& location, absl::string_view interface_name,
                            absl::string_view interface_type);
v1::Firewall::Mode FirewallOf(const v1::EffectiveLocation& location,
                              absl::string_view interface_name, absl::string_view interface_type);

// Returns the profile of an interface that no section matches.
Profile BaseProfileOf(const v1::EffectiveLocation& location);

// Whether each list of the match that is not empty contains the interface. A name in the match may
// end in "*", which stands for any rest.
bool Matches(const v1::InterfaceMatch& match, absl::string_view interface_name,
             absl::string_view interface_type);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_MERGE_PROFILE_H_
