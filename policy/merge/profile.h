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

// What holds for one interface at one location, all layers put together. The initial values are
// what holds where no policy says anything.
struct Profile {
  // Never unspecified. `*_policy` names the policy that set a value; empty: none did.
  v1::Firewall::Mode firewall = v1::Firewall::on;
  std::string firewall_policy;

  // The first that covers a packet decides. They point into the location.
  std::vector<const v1::Mapping*> inbound;
  std::vector<const v1::Mapping*> outbound;

  v1::Traffic::Action outbound_default = v1::Traffic::allow;  // never unspecified
  std::string outbound_default_policy;

  v1::Unsolicited::Action unsolicited = v1::Unsolicited::drop;  // never unspecified
  std::string unsolicited_policy;

  // For flows that come in by the interface and are routed. Unspecified: the interface's type
  // decides.
  std::vector<const v1::Mapping*> forward;
  v1::Traffic::Action forward_default = v1::Traffic::unspecified;
  std::string forward_default_policy;

  std::set<IcmpOption> icmp;
  std::string icmp_policy;

  // They point into the location.
  std::vector<const v1::Helper*> helpers;
  std::string helpers_policy;

  v1::Flows flows;

  // For each layer the index of the interface section that holds, or -1. Within a location equal
  // sections mean equal profiles.
  std::vector<int> sections;
  // Whether a section changes the list; if none does, it is the one of BaseProfileOf.
  bool own_inbound = false;
  bool own_outbound = false;

  bool IsBase() const;
};

// The location must live as long as the profile, which points into it, and be checked already
// (CheckEffective).
Profile ProfileOf(const v1::EffectiveLocation& location, absl::string_view interface_name,
                  absl::string_view interface_type);

// The profile of an interface for which no section holds.
Profile BaseProfileOf(const v1::EffectiveLocation& location);

// Whether the interface is in every list that the match has; a name may end in "*", which stands
// for any rest.
bool Matches(const v1::InterfaceMatch& match, absl::string_view interface_name,
             absl::string_view interface_type);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_MERGE_PROFILE_H_
