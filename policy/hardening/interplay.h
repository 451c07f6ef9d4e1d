// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_HARDENING_INTERPLAY_H_
#define FIREBREAK_POLICY_HARDENING_INTERPLAY_H_

#include <map>
#include <string>
#include <vector>

#include "firebreak/v1/effective.pb.h"
#include "policy/hardening/sysctls.h"

namespace firebreak::policy {

// Facts about the host's networks that only the host knows and that hardening may break.
struct HostNetworks {
  bool forwards = false;           // and did so before any policy asked for it
  std::string inner;               // an interface for containers or an overlay; empty: none
  std::vector<std::string> outer;  // interfaces with an address of their own
  bool policy_routing = false;
};

// Weakens settings that would cut off the host's networks, before anything is set. Strict rp_filter
// becomes loose where packets may arrive by several ways. ip_enable_router 0 is dropped where the
// host already forwards for containers or an overlay. Returns the reason for each setting changed.
// Contradictions within the policy are found elsewhere, when the policy is applied
// (contradictions.h).
std::map<std::string, std::string> Reconcile(const HostNetworks& networks, v1::Hardened& host,
                                             std::vector<HardenedInterface>& interfaces);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_HARDENING_INTERPLAY_H_
