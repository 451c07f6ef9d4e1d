// SPDX-License-Identifier: Apache-2.0
#include "controller/listen_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace firebreak::controller {
socklen_t ToSocketAddress(const ListenAddress& address, sockaddr_storage& storage) {
  auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
  if (inet_pton(AF_INET, address.host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(address.port);
    return sizeof(v4);
  }
  if (inet_pton(AF_INET6, address.host.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(address.port);
    return sizeof(v6);
  }
  return 0;
}

absl::StatusOr<ListenAddress> ParseListenAddress(absl::string_view text) {
  const size_t colon = text.rfind(':');
  uint32_t port = 0;
  if (colon != absl::string_view::npos && absl::SimpleAtoi(text.substr(colon + 1), &port) &&
      port <= 65535) {
    absl::string_view host = text.substr(0, colon);
    const bool bracketed = absl::StartsWith(host, "[") && absl::EndsWith(host, "]");
    if (bracketed) host = host.substr(1, host.size() - 2);
    ListenAddress address{std::string(host), static_cast<uint16_t>(port)};
    sockaddr_storage storage = {};
    if (ToSocketAddress(address, storage) != 0 && bracketed == (storage.ss_family == AF_INET6)) {
      return address;
    }
  }
  return absl::InvalidArgumentError(
      absl::StrCat("\"", text, "\" is not an address and a port, as in 0.0.0.0:7443 or [::]:7443"));
}

std::string HostAndPort(absl::string_view host, int port) {
  return absl::StrContains(host, ':') ? absl::StrCat("[", host, "]:", port)
                                      : absl::StrCat(host, ":", port);
}

absl::Status CheckFree(const ListenAddress& address) {
  sockaddr_storage storage = {};
  const socklen_t size = ToSocketAddress(address, storage);
  if (size == 0) return absl::InvalidArgumentError(absl::StrCat(address.host, ": not an address"));
  const int socket_fd = socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto close_socket = absl::MakeCleanup([socket_fd] { close(socket_fd); });
  const int on = 1;
  if (socket_fd >= 0 && setsockopt(socket_fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
      bind(socket_fd, reinterpret_cast<const sockaddr*>(&storage), size) == 0 &&
      listen(socket_fd, 1) == 0) {
    return absl::OkStatus();
  }
  const int error = errno;
  return absl::FailedPreconditionError(absl::StrCat(
      "listen on ", HostAndPort(address.host, address.port), ": ", strerror(error),
      error == EADDRINUSE ? "; stop what listens there, or choose another port with --listen"
                          : "; choose another address with --listen"));
}

}  // namespace firebreak::controller
