// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_IDENTITY_PEER_ADDRESS_H_
#define FIREBREAK_CONTROLLER_IDENTITY_PEER_ADDRESS_H_

#include <sys/socket.h>

#include <string>

#include "absl/strings/string_view.h"

namespace firebreak::controller {

// An address of IPv4 or IPv6 as people write it: "192.0.2.1:4711", "[2001:db8::1]:4711". IPv4 is
// written so on a socket for both, too.
std::string PeerAddress(const sockaddr_storage& peer);

// The address without the port.
std::string WithoutPort(absl::string_view address);

// The network that one party has for itself, of an address with a port: an IPv4 address, or the /64
// of an IPv6 address, within which anybody takes as many addresses as he likes.
std::string NetworkOf(absl::string_view address);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_IDENTITY_PEER_ADDRESS_H_
