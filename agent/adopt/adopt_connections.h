#ifndef FIREBREAK_AGENT_ADOPT_ADOPT_CONNECTIONS_H_
#define FIREBREAK_AGENT_ADOPT_ADOPT_CONNECTIONS_H_

#include <cstddef>

#include "absl/status/statusor.h"
#include "policy/ruleset/ruleset.h"

namespace firebreak::agent {

// Connection tracking begins with the first rules. It would know nothing about the connections that
// this host's sockets have by then, and would drop what comes on them as the middle of nothing.
// This tells it of those TCP connections that the rules would let begin: an ssh session to a port
// that the policy opens goes on, one to a port that it does not open ends.
//
// Connections beyond kMaxAdopted, and those that are only forwarded, have to speak first; see
// Enforcer. Returns how many were taken up.
//
// To be called before the rules come into the kernel, by the thread that has the network namespace.
absl::StatusOr<size_t> AdoptConnections(const ruleset::Ruleset& rules);
inline constexpr size_t kMaxAdopted = 20'000;

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_ADOPT_ADOPT_CONNECTIONS_H_
