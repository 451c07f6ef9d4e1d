// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_FACTS_H_
#define FIREBREAK_AGENT_FACTS_H_

#include <optional>
#include <vector>

#include "agent/kernel/links/links.h"
#include "firebreak/v1/state.pb.h"

namespace firebreak::agent {

// Returns what this host tells the controller about itself besides its receipts. Lists that are too
// long for a message are cut.
v1::Facts MakeFacts(const std::vector<Link>& links, const std::vector<v1::Conflict>& conflicts,
                    const std::optional<v1::Drift>& drift);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_FACTS_H_
