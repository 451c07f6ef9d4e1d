// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_LOCATION_HINTS_H_
#define FIREBREAK_POLICY_LOCATION_HINTS_H_

#include <optional>
#include <string>
#include <vector>

#include "firebreak/v1/resources.pb.h"

namespace firebreak::policy {

// Facts about an interface's network that need no proof. All of them can be forged, so they can
// only rule a location out.
struct NetworkFacts {
  std::vector<std::string> addresses;     // the interface's, "192.0.2.1/24"
  std::vector<std::string> dns_suffixes;  // "corp.example", without a final dot
  std::vector<std::string> gateway_macs;  // the default gateways', "02:00:00:00:00:01"
  std::optional<std::string> ssid;        // the network that a wireless interface has joined

  friend bool operator==(const NetworkFacts&, const NetworkFacts&) = default;
};

// Returns the reason why the interface cannot be at the location, or nullopt. A kind of hint rules
// the location out if facts of that kind are known and none of them is among the location's hints.
// Facts that are not known (yet) rule nothing out.
std::optional<std::string> RuledOut(const v1::Hints& hints, const NetworkFacts& facts);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_LOCATION_HINTS_H_
