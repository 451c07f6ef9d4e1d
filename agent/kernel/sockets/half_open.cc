// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/sockets/half_open.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "absl/strings/str_cat.h"
#include "agent/kernel/sockets/sock_diag.h"
#include "base/status/status.h"

namespace firebreak::agent {
namespace {

// TCP_SYN_RECV of include/net/tcp_states.h; inet_diag uses it for TCP_NEW_SYN_RECV too.
constexpr uint32_t kSynReceived = 1u << 3;

}  // namespace

absl::StatusOr<HalfOpen> CountHalfOpen() {
  ASSIGN_OR_RETURN(SockDiag diag, SockDiag::Open());
  HalfOpen count;
  for (const uint8_t family : {AF_INET, AF_INET6}) {
    const absl::Status status = diag.Dump(family, IPPROTO_TCP, kSynReceived,
                                          [&](const inet_diag_msg& found, const nlmsghdr&) {
                                            ++count.connections;
                                            if (found.idiag_retrans > 0) ++count.retried;
                                          });
    // Aborted is fine, because connections come and go all the time. IPv6 may fail, because not
    // every kernel has it.
    if (status.ok() || absl::IsAborted(status) || family == AF_INET6) continue;
    return absl::Status(status.code(),
                        absl::StrCat("count half-open connections: ", status.message()));
  }
  return count;
}

}  // namespace firebreak::agent
