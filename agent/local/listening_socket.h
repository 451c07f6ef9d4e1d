// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_LOCAL_LISTENING_SOCKET_H_
#define FIREBREAK_AGENT_LOCAL_LISTENING_SOCKET_H_

#include <sys/types.h>

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "base/descriptor/descriptor.h"

namespace firebreak::agent {

// Makes a non-blocking Unix stream socket that listens at `path`. Root may connect, and so may the
// members of `group` if one is given. The directory is created (0755) if it is missing; a socket
// left behind by a dead agent is replaced. AlreadyExists: a process listens at the path.
absl::StatusOr<Descriptor> ListenAt(const std::string& path, std::optional<gid_t> group);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_LOCAL_LISTENING_SOCKET_H_
