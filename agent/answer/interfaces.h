// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_ANSWER_INTERFACES_H_
#define FIREBREAK_AGENT_ANSWER_INTERFACES_H_

#include <cstdint>
#include <map>

#include "agent/answer/snapshot.h"
#include "firebreak/v1/host.pb.h"

namespace firebreak::agent {

// Returns the answer to an InterfacesQuestion. `networks`: see ReadNetworkFacts.
v1::InterfacesAnswer DescribeInterfaces(const Snapshot& host,
                                        const std::map<uint32_t, v1::NetworkFacts>& networks);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_ANSWER_INTERFACES_H_
