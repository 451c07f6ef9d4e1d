#ifndef FIREBREAK_AGENT_LOCATION_NETWORK_FACTS_H_
#define FIREBREAK_AGENT_LOCATION_NETWORK_FACTS_H_

#include <cstdint>
#include <map>
#include <vector>

#include "agent/kernel/links/links.h"
#include "firebreak/v1/host.pb.h"

namespace firebreak::agent {

// What the interfaces see of their networks now, by their index; those that see nothing are left
// out, and so is what cannot be read. Reads the whole routing table: not for the loop's thread.
std::map<uint32_t, v1::NetworkFacts> ReadNetworkFacts(const std::vector<Link>& links);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_LOCATION_NETWORK_FACTS_H_
