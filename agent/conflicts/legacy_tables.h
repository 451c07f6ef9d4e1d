// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_CONFLICTS_LEGACY_TABLES_H_
#define FIREBREAK_AGENT_CONFLICTS_LEGACY_TABLES_H_

#include <string>
#include <vector>

namespace firebreak::agent {

// Returns the tables that the legacy iptables has loaded in this network namespace, for example "ip
// filter" or "ip6 mangle"; nf_tables does not show these. They are read from
// /proc/net/ip_tables_names and ip6_tables_names. Empty if the kernel lacks the legacy iptables.
std::vector<std::string> ReadLegacyTables();

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_CONFLICTS_LEGACY_TABLES_H_
