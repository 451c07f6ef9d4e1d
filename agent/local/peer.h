// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_LOCAL_PEER_H_
#define FIREBREAK_AGENT_LOCAL_PEER_H_

#include <sys/types.h>

#include <optional>

#include "absl/status/statusor.h"
#include "agent/answer/reply.h"

namespace firebreak::agent {

// Identifies the process at the other end of a Unix socket, by what the kernel recorded when it
// connected (SO_PEERCRED, SO_PEERGROUPS). Root may act, and the members of `group` may ask.
// PermissionDenied: the peer is neither.
absl::StatusOr<Caller> IdentifyPeer(int socket, std::optional<gid_t> group);

// Returns the number of the group. NotFound: the host has no group of that name.
absl::StatusOr<gid_t> FindGroup(const std::string& name);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_LOCAL_PEER_H_
