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

// What mappings as users write them stand for. What is not valid, of which a checked resource has
// none, is left out.

// The port ranges of the mapping's service, or of its protocol and ports. Of `protocol: any` it is
// one of the protocol 0.
std::vector<v1::PortRange> PortRangesOf(const Configuration& configuration,
                                        const v1::PortMapping& mapping);

// The types of ICMP that the mapping is about; none: all of its protocol.
std::vector<v1::IcmpKind> IcmpKindsOf(const v1::PortMapping& mapping);

// "53", "1024-65535".
std::vector<v1::PortSpan> SourcePortsOf(const v1::PortMapping& mapping);

// One end of the mapping's packets spelled out (SpellAddresses); none: any.
inline constexpr size_t kMostSpelledPrefixes = 10'000;
std::vector<v1::Prefix> SendersOf(const v1::PortMapping& mapping);    // `from`
std::vector<v1::Prefix> ReceiversOf(const v1::PortMapping& mapping);  // `to`

// What `limit`, `connections`, `log` and `log_rate` say.
std::optional<v1::Limit> LimitOf(const v1::PortMapping& mapping);
std::optional<v1::MostFlows> MostFlowsOf(const v1::PortMapping& mapping);
std::optional<v1::MappingLog> LogOf(const v1::PortMapping& mapping);

// Unless `enabled: false` takes it out.
inline bool IsEnabled(const v1::PortMapping& mapping) {
  return !mapping.has_enabled() || mapping.enabled();
}

// A name for each mapping of a list: its own, else its service's, else protocol and ports, as in
// "tcp-80_443"; where one is taken in this list already, with "-2", "-3" … behind it.
std::vector<std::string> MappingNames(std::span<const v1::PortMapping* const> mappings);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_RESOLVE_H_
