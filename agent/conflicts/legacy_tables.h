#ifndef FIREBREAK_AGENT_CONFLICTS_LEGACY_TABLES_H_
#define FIREBREAK_AGENT_CONFLICTS_LEGACY_TABLES_H_

#include <string>
#include <vector>

namespace firebreak::agent {

// The tables that the older iptables, which nf_tables knows nothing of, has loaded in this network
// namespace: "ip filter", "ip6 mangle". From /proc/net/ip_tables_names and ip6_tables_names; empty
// if the kernel has no such thing.
std::vector<std::string> ReadLegacyTables();

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_CONFLICTS_LEGACY_TABLES_H_
