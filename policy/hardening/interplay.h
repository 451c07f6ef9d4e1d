// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_HARDENING_INTERPLAY_H_
#define FIREBREAK_POLICY_HARDENING_INTERPLAY_H_

#include <map>
#include <string>
#include <vector>

#include "firebreak/v1/effective.pb.h"
#include "policy/hardening/sysctls.h"

namespace firebreak::policy {

// What only the host knows of what hardening may break.
struct HostNetworks {
  bool forwards = false;           // and did so before any policy said that it should
  std::string inner;               // an interface of containers or of an overlay; empty: none
  std::vector<std::string> outer;  // interfaces with an address of their own
  bool policy_routing = false;
};

// Takes back what would break the host's networks, before anything is set: strict rp_filter where
// packets come by several ways becomes loose, and a host that forwards for networks of its own goes
// on. Returns why, by setting. What the policy itself contradicts is found when it is applied.
std::map<std::string, std::string> Reconcile(const HostNetworks& networks, v1::Hardened& host,
                                             std::vector<HardenedInterface>& interfaces);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_HARDENING_INTERPLAY_H_
