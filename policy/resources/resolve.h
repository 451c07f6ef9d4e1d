// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_RESOLVE_H_
#define FIREBREAK_POLICY_RESOURCES_RESOLVE_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "firebreak/v1/effective.pb.h"
#include "firebreak/v1/resources.pb.h"
#include "policy/resources/configuration.h"

namespace firebreak::policy {

// Resolves what users write in mappings. Invalid parts, which a checked resource does not have, are
// ignored.

// Returns the port ranges of the mapping's service, or of its protocol and ports. `protocol: any`
// gives one range with protocol 0.
std::vector<v1::PortRange> PortRangesOf(const Configuration& configuration,
                                        const v1::PortMapping& mapping);

// Returns the ICMP types that the mapping is about; empty: all of its protocol.
std::vector<v1::IcmpKind> IcmpKindsOf(const v1::PortMapping& mapping);

// Returns source ports, such as "53" or "1024-65535".
std::vector<v1::PortSpan> SourcePortsOf(const v1::PortMapping& mapping);

// Return one end of the mapping's packets as prefixes (SpellAddresses); empty: any address.
inline constexpr size_t kMostSpelledPrefixes = 10'000;
std::vector<v1::Prefix> SendersOf(const v1::PortMapping& mapping);    // `from`
std::vector<v1::Prefix> ReceiversOf(const v1::PortMapping& mapping);  // `to`

// Return the values of `limit`, `connections`, and `log` with `log_rate`.
std::optional<v1::Limit> LimitOf(const v1::PortMapping& mapping);
std::optional<v1::MostFlows> MostFlowsOf(const v1::PortMapping& mapping);
std::optional<v1::MappingLog> LogOf(const v1::PortMapping& mapping);

// Whether the mapping is in force: `enabled: false` disables it.
inline bool IsEnabled(const v1::PortMapping& mapping) {
  return !mapping.has_enabled() || mapping.enabled();
}

// Returns a name for each mapping of a list: its own, else its service's, else its protocol and
// ports, as in "tcp-80_443". A name that is taken in this list gets "-2", "-3" … appended.
std::vector<std::string> MappingNames(std::span<const v1::PortMapping* const> mappings);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_RESOLVE_H_
