// SPDX-License-Identifier: Apache-2.0
#include "agent/location/beacon_socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "absl/strings/numbers.h"
#include "proto/endpoint/beacon.h"

namespace firebreak::agent {
namespace {

struct Endpoint {
  sockaddr_storage storage = {};
  socklen_t size = 0;
  int family() const { return storage.ss_family; }
};

std::optional<Endpoint> ParseEndpoint(const std::string& text, uint32_t interface_index) {
  const size_t colon = text.rfind(':');
  uint32_t port = 0;
  if (colon == std::string::npos || !absl::SimpleAtoi(text.substr(colon + 1), &port) ||
      port > 65535) {
    return std::nullopt;
  }
  std::string host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  Endpoint endpoint;
  auto& v4 = reinterpret_cast<sockaddr_in&>(endpoint.storage);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(endpoint.storage);
  if (inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(static_cast<uint16_t>(port));
    endpoint.size = sizeof v4;
  } else if (inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(static_cast<uint16_t>(port));
    if (IN6_IS_ADDR_LINKLOCAL(&v6.sin6_addr)) v6.sin6_scope_id = interface_index;
    endpoint.size = sizeof v6;
  } else {
    return std::nullopt;
  }
  return endpoint;
}

absl::Status Errno(absl::string_view operation) { return absl::ErrnoToStatus(errno, operation); }

bool SetOption(int socket, int level, int name, int value) {
  return setsockopt(socket, level, name, &value, sizeof value) == 0;
}

}  // namespace

absl::StatusOr<Descriptor> ConnectToBeacon(const std::string& address,
                                           const std::string& interface_name,
                                           uint32_t interface_index, uint32_t max_hops) {
  const std::optional<Endpoint> to = ParseEndpoint(address, interface_index);
  if (!to.has_value()) return absl::InvalidArgumentError("the beacon's address cannot be read");
  Descriptor connecting(socket(to->family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (connecting.get() < 0) return Errno("make a socket");
  if (setsockopt(connecting.get(), SOL_SOCKET, SO_BINDTODEVICE, interface_name.c_str(),
                 static_cast<socklen_t>(interface_name.size() + 1)) != 0) {
    return Errno("bind the socket to the interface");
  }
  const int least = kBeaconHopLimit - static_cast<int>(std::min<uint32_t>(max_hops, 254));
  const bool limited = to->family() == AF_INET
                           ? SetOption(connecting.get(), IPPROTO_IP, IP_MINTTL, least)
                           : SetOption(connecting.get(), IPPROTO_IPV6, IPV6_MINHOPCOUNT, least);
  if (!limited || !SetOption(connecting.get(), IPPROTO_TCP, TCP_NODELAY, 1)) {
    return Errno("set an option of the socket");
  }
  if (connect(connecting.get(), reinterpret_cast<const sockaddr*>(&to->storage), to->size) != 0 &&
      errno != EINPROGRESS) {
    return Errno("connect");
  }
  return connecting;
}

}  // namespace firebreak::agent
