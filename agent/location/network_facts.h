// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_LOCATION_NETWORK_FACTS_H_
#define FIREBREAK_AGENT_LOCATION_NETWORK_FACTS_H_

#include <cstdint>
#include <map>
#include <vector>

#include "agent/kernel/links/links.h"
#include "firebreak/v1/host.pb.h"

namespace firebreak::agent {

// Reads what the interfaces see of their networks now, keyed by interface index. Interfaces that
// see nothing, and facts that cannot be read, are left out. Reads the whole routing table, so do
// not call it on the loop's thread.
std::map<uint32_t, v1::NetworkFacts> ReadNetworkFacts(const std::vector<Link>& links);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_LOCATION_NETWORK_FACTS_H_
