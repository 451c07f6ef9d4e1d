#ifndef FIREBREAK_AGENT_LOCAL_LISTENING_SOCKET_H_
#define FIREBREAK_AGENT_LOCAL_LISTENING_SOCKET_H_

#include <sys/types.h>

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "base/descriptor/descriptor.h"

namespace firebreak::agent {

// A Unix stream socket that listens at `path`, non-blocking. Root may connect, and the members of
// `group` if there is one. The directory is made (0755) if it is missing; what an agent that died
// has left at the path is replaced. AlreadyExists: somebody listens there.
absl::StatusOr<Descriptor> ListenAt(const std::string& path, std::optional<gid_t> group);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_LOCAL_LISTENING_SOCKET_H_
