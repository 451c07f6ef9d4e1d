#ifndef FIREBREAK_POLICY_RESOURCES_RESOLVE_H_
#define FIREBREAK_POLICY_RESOURCES_RESOLVE_H_

#include <span>
#include <string>
#include <vector>

#include "firebreak/v1/effective.pb.h"
#include "firebreak/v1/resources.pb.h"
#include "policy/resources/configuration.h"

namespace firebreak::policy {

// What mappings as users write them stand for. What is not valid, of which a checked resource has
// none, is left out.

// The port ranges of the mapping's service, or of its protocol and ports.
std::vector<v1::PortRange> PortRangesOf(const Configuration& configuration,
                                        const v1::PortMapping& mapping);

// Of `from` or `to`.
std::vector<v1::Prefix> PrefixesOf(const google::protobuf::RepeatedPtrField<std::string>& texts);

// A name for each mapping of a list: its own, else its service's, else protocol and ports, as in
// "tcp-80_443"; where one is taken in this list already, with "-2", "-3" … behind it.
std::vector<std::string> MappingNames(std::span<const v1::PortMapping* const> mappings);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_RESOLVE_H_
