#ifndef FIREBREAK_AGENT_CONFLICTS_CONFLICTS_H_
#define FIREBREAK_AGENT_CONFLICTS_CONFLICTS_H_

#include <span>
#include <string>
#include <vector>

#include "agent/kernel/nftables/foreign_chains.h"
#include "firebreak/v1/fleet.pb.h"

namespace firebreak::agent {

// What else on the host decides about packets, with what it means for the host's traffic and what
// to do. One for each of a program's tables, sorted by program and table; names are escaped to
// ASCII. `legacy` are the tables of the older iptables, as "filter" or "ip6 filter".
//
// A table that no packet comes to, or that lets all of them pass, is none.
std::vector<v1::Conflict> FindConflicts(std::span<const ForeignChain> chains,
                                        std::span<const std::string> legacy);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_CONFLICTS_CONFLICTS_H_
