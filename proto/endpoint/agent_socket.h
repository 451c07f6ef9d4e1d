#ifndef FIREBREAK_PROTO_ENDPOINT_AGENT_SOCKET_H_
#define FIREBREAK_PROTO_ENDPOINT_AGENT_SOCKET_H_

#include <cstddef>

namespace firebreak {

// The Unix socket on which an agent answers the programs of its host: they send Questions, the
// agent sends Answers (host.proto), each in a frame of base/frame.

inline constexpr char kAgentSocketPath[] = "/run/firebreak/agent.sock";

// The largest question. An answer's part is a little more than kAnswerPartBytes, but rules and
// traces may be larger: the CLI accepts kMaxMessageBytes, as from a controller.
inline constexpr size_t kMaxQuestionBytes = 64 << 10;

}  // namespace firebreak

#endif  // FIREBREAK_PROTO_ENDPOINT_AGENT_SOCKET_H_
