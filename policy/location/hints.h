#ifndef FIREBREAK_POLICY_LOCATION_HINTS_H_
#define FIREBREAK_POLICY_LOCATION_HINTS_H_

#include <optional>
#include <string>
#include <vector>

#include "firebreak/v1/resources.pb.h"

namespace firebreak::policy {

// What an interface sees of its network without asking anybody for proof. All of it can be forged,
// so it only ever rules a location out.
struct NetworkFacts {
  std::vector<std::string> addresses;     // of the interface, "192.0.2.1/24"
  std::vector<std::string> dns_suffixes;  // that hold for it: "corp.example"; no final dot
  std::vector<std::string> gateway_macs;  // of its default gateways, "02:00:00:00:00:01"
  std::optional<std::string> ssid;        // of a wireless one that is associated

  friend bool operator==(const NetworkFacts&, const NetworkFacts&) = default;
};

// Why the interface cannot be at the location, or none. A kind of hint rules out if the facts know
// something of that kind, and nothing of it is among what the location names; what is not known
// (yet) rules nothing out.
std::optional<std::string> RuledOut(const v1::Hints& hints, const NetworkFacts& facts);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_LOCATION_HINTS_H_
