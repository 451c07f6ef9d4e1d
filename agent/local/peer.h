#ifndef FIREBREAK_AGENT_LOCAL_PEER_H_
#define FIREBREAK_AGENT_LOCAL_PEER_H_

#include <sys/types.h>

#include <optional>

#include "absl/status/statusor.h"
#include "agent/answer/reply.h"

namespace firebreak::agent {

// Who is at the other end of a Unix socket, by the kernel's word as of when it was connected
// (SO_PEERCRED, SO_PEERGROUPS): root may act, the members of `group` may ask.
// PermissionDenied: neither.
absl::StatusOr<Caller> IdentifyPeer(int socket, std::optional<gid_t> group);

// The number of a group by its name. NotFound: the host has none of that name.
absl::StatusOr<gid_t> FindGroup(const std::string& name);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_LOCAL_PEER_H_
