// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_LISTEN_ADDRESS_H_
#define FIREBREAK_CONTROLLER_LISTEN_ADDRESS_H_

#include <sys/socket.h>

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firebreak::controller {

struct ListenAddress {
  std::string host;  // an address; without the brackets of IPv6
  uint16_t port = 0;
};

// "0.0.0.0:7443", "[::]:7443".
absl::StatusOr<ListenAddress> ParseListenAddress(absl::string_view text);

// "192.0.2.1:7443", "[::1]:7443", "ctl.example:7443".
std::string HostAndPort(absl::string_view host, int port);

// Fills in the address in the kernel's form and returns its size; 0: the text is no address.
socklen_t ToSocketAddress(const ListenAddress& address, sockaddr_storage& storage);

// Whether this process could listen there now; says why not, which gRPC does not. A port of 0 is
// any port.
absl::Status CheckFree(const ListenAddress& address);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_LISTEN_ADDRESS_H_
