// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_LOCATION_BEACON_SOCKET_H_
#define FIREBREAK_AGENT_LOCATION_BEACON_SOCKET_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "base/descriptor/descriptor.h"

namespace firebreak::agent {

// Begins to connect to a beacon through one interface, and returns the socket, which does not
// block. `address` is text such as "10.10.0.1:7444" or "[fd00::1]:7444", which was checked with the
// policy; a link-local address belongs to the interface's link. The kernel drops the packets of the
// connection that come by another interface, or over more than `max_hops` routers (RFC 5082: the
// beacon sends with a hop limit of 255).
absl::StatusOr<Descriptor> ConnectToBeacon(const std::string& address,
                                           const std::string& interface_name,
                                           uint32_t interface_index, uint32_t max_hops);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_LOCATION_BEACON_SOCKET_H_
