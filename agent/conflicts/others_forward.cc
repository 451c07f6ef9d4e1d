// SPDX-License-Identifier: Apache-2.0
#include "agent/conflicts/others_forward.h"

// glibc's header before the kernel's, which then leave out what both define.
#include <netinet/in.h>

#include <linux/netfilter.h>
#include <linux/netlink.h>

#include <algorithm>
#include <string>
#include <vector>

#include "agent/conflicts/legacy_tables.h"
#include "agent/kernel/netlink/socket.h"
#include "agent/kernel/nftables/foreign_chains.h"
#include "base/log/log.h"

namespace firebreak::agent {

bool OthersForward(uint8_t family) {
  absl::StatusOr<NetlinkSocket> socket = NetlinkSocket::Open(NETLINK_NETFILTER);
  const auto chains = socket.ok() ? ReadForeignChains(*socket) : socket.status();
  if (!chains.ok()) {
    LogWarning(chains.status().message());
    return true;
  }
  const bool any = std::any_of(chains->begin(), chains->end(), [&](const ForeignChain& chain) {
    return (chain.family == family || chain.family == NFPROTO_INET) && chain.Decides() &&
           (chain.type == "nat" || chain.hook == NF_INET_FORWARD);
  });
  const std::vector<std::string> legacy = ReadLegacyTables();
  const std::string table = family == NFPROTO_IPV4 ? "ip nat" : "ip6 nat";
  return any || std::find(legacy.begin(), legacy.end(), table) != legacy.end();
}

}  // namespace firebreak::agent
