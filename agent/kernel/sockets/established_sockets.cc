// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/sockets/established_sockets.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "absl/strings/str_cat.h"
#include "agent/kernel/sockets/sock_diag.h"
#include "base/status/status.h"

namespace firebreak::agent {
namespace {

// TCP_ESTABLISHED of include/net/tcp_states.h, a header that user space does not get.
constexpr uint32_t kEstablished = 1u << 1;

constexpr char kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '\xff', '\xff'};

std::string AddressOf(uint8_t family, const void* words) {
  std::string address(static_cast<const char*>(words), family == AF_INET ? 4 : 16);
  if (address.size() == 16 && memcmp(address.data(), kMapped, sizeof kMapped) == 0) {
    address.erase(0, sizeof kMapped);
  }
  return address;
}

}  // namespace

absl::StatusOr<std::vector<EstablishedSocket>> ReadEstablishedSockets(size_t most) {
  ASSIGN_OR_RETURN(SockDiag diag, SockDiag::Open());
  std::vector<EstablishedSocket> sockets;
  for (const uint8_t family : {AF_INET, AF_INET6}) {
    const absl::Status status = diag.Dump(
        family, IPPROTO_TCP, kEstablished, [&](const inet_diag_msg& found, const nlmsghdr&) {
          if (sockets.size() >= most) return;
          sockets.push_back({.local = AddressOf(found.idiag_family, found.id.idiag_src),
                             .remote = AddressOf(found.idiag_family, found.id.idiag_dst),
                             .local_port = ntohs(found.id.idiag_sport),
                             .remote_port = ntohs(found.id.idiag_dport)});
        });
    // Aborted and NotFound are fine: sockets come and go all the time.
    if (status.ok() || absl::IsAborted(status) || absl::IsNotFound(status)) continue;
    return absl::Status(status.code(),
                        absl::StrCat("read the established sockets: ", status.message()));
  }
  return sockets;
}

}  // namespace firebreak::agent
