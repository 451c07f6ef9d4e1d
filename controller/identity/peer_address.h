#ifndef FIREBREAK_CONTROLLER_IDENTITY_PEER_ADDRESS_H_
#define FIREBREAK_CONTROLLER_IDENTITY_PEER_ADDRESS_H_

#include <string>

#include "absl/strings/string_view.h"

namespace firebreak::controller {

// gRPC's "ipv4:192.0.2.1:4711" and "ipv6:%5B2001:db8::1%5D:4711" as people write them:
// "192.0.2.1:4711", "[2001:db8::1]:4711".
std::string PeerAddress(absl::string_view grpc_peer);

// The address without the port.
std::string WithoutPort(absl::string_view address);

// The network that one party has for itself, of an address with a port: an IPv4 address, or the /64
// of an IPv6 address, within which anybody takes as many addresses as he likes.
std::string NetworkOf(absl::string_view address);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_IDENTITY_PEER_ADDRESS_H_
