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
  // Set for a chain that the kernel sends packets to; else empty and false.
  std::string type;  // "filter", "nat", "route"
  uint32_t hook = 0;
  bool drops = false;      // by its policy
  bool has_rules = false;  // any at all

  bool IsBase() const { return !type.empty(); }
  // Whether it can make a difference to a packet.
  bool Decides() const { return IsBase() && (drops || has_rules); }
  friend bool operator==(const ForeignChain&, const ForeignChain&) = default;
};

// All of them, of all families, through `socket` (NETLINK_NETFILTER). Not a snapshot: the next
// event tells of what changes meanwhile. Names are any bytes.
absl::StatusOr<std::vector<ForeignChain>> ReadForeignChains(NetlinkSocket& socket);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_NFTABLES_FOREIGN_CHAINS_H_
