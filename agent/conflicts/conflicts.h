// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_CONFLICTS_CONFLICTS_H_
#define FIREBREAK_AGENT_CONFLICTS_CONFLICTS_H_

#include <span>
#include <string>
#include <vector>

#include "agent/kernel/nftables/foreign_chains.h"
#include "firebreak/v1/fleet.pb.h"

namespace firebreak::agent {

// Finds what else on the host decides about packets, and explains what that means for the host's
// traffic and what to do. The result has one conflict for each table of a program, sorted by
// program and table; names are escaped to ASCII. `legacy` names the tables of the legacy iptables,
// for example "filter" or "ip6 filter".
//
// A table that no packet reaches, or that lets all packets pass, is not a conflict.
std::vector<v1::Conflict> FindConflicts(std::span<const ForeignChain> chains,
                                        std::span<const std::string> legacy);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_CONFLICTS_CONFLICTS_H_
