// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_KERNEL_NFTABLES_FOREIGN_CHAINS_H_
#define FIREBREAK_AGENT_KERNEL_NFTABLES_FOREIGN_CHAINS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/kernel/netlink/socket.h"

namespace firebreak::agent {

// A chain of a table that is not Firebreak's.
struct ForeignChain {
  uint8_t family = 0;  // NFPROTO_*
  std::string table;
  std::string name;
  // Set for a base chain, which the kernel sends packets to; else empty and false.
  std::string type;  // "filter", "nat", "route"
  uint32_t hook = 0;
  bool drops = false;      // its policy is drop
  bool has_rules = false;  // it has at least one rule

  bool IsBase() const { return !type.empty(); }
  // Whether the chain can affect packets.
  bool Decides() const { return IsBase() && (drops || has_rules); }
  friend bool operator==(const ForeignChain&, const ForeignChain&) = default;
};

// Reads all foreign chains of all families through `socket` (NETLINK_NETFILTER). The result is not
// a snapshot; the next event reports changes made meanwhile. Names may contain any bytes.
absl::StatusOr<std::vector<ForeignChain>> ReadForeignChains(NetlinkSocket& socket);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_NFTABLES_FOREIGN_CHAINS_H_
