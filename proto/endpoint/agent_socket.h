// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_PROTO_ENDPOINT_AGENT_SOCKET_H_
#define FIREBREAK_PROTO_ENDPOINT_AGENT_SOCKET_H_

#include <cstddef>

namespace firebreak {

// The protocol of the Unix socket on which an agent answers programs of its host: they send
// Questions, and the agent sends Answers (host.proto), each in a frame of base/frame.

inline constexpr char kAgentSocketPath[] = "/run/firebreak/agent.sock";

// The largest question. A part of an answer is usually little larger than kAnswerPartBytes, but
// rules and traces may be larger, so the CLI accepts kMaxMessageBytes, as it does from a
// controller.
inline constexpr size_t kMaxQuestionBytes = 64 << 10;

}  // namespace firebreak

#endif  // FIREBREAK_PROTO_ENDPOINT_AGENT_SOCKET_H_
