// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_ADOPT_ADOPT_CONNECTIONS_H_
#define FIREBREAK_AGENT_ADOPT_ADOPT_CONNECTIONS_H_

#include <cstddef>

#include "absl/status/statusor.h"
#include "policy/ruleset/ruleset.h"

namespace firebreak::agent {

// Connection tracking begins with the first rules. It would not know the connections that this
// host's sockets already have, and the rules would drop their packets as belonging to no
// connection. This function adds the TCP connections that the rules would let begin to connection
// tracking: an ssh session to a port that the policy opens continues, a session to another port
// ends.
//
// Connections beyond kMaxAdopted and forwarded connections continue only if this host's side sends
// first; see Enforcer. Returns the number of adopted connections.
//
// Call this before the rules are put into the kernel, on a thread in the host's network namespace.
absl::StatusOr<size_t> AdoptConnections(const ruleset::Ruleset& rules);
inline constexpr size_t kMaxAdopted = 20'000;

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_ADOPT_ADOPT_CONNECTIONS_H_
