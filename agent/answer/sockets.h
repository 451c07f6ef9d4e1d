// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_ANSWER_SOCKETS_H_
#define FIREBREAK_AGENT_ANSWER_SOCKETS_H_

#include <cstdint>
#include <map>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/answer/background_answers.h"
#include "agent/answer/snapshot.h"
#include "agent/answer/socket_owners.h"
#include "agent/kernel/sockets/listening_sockets.h"
#include "firebreak/v1/host.pb.h"

namespace firebreak::agent {

// Compares the listening sockets with the ports that the policy opens, and adds the open ports on
// which nothing listens; see HostSocket.judgement. Sockets that only this host itself can reach are
// left out unless `loopback`.
std::vector<v1::HostSocket> JudgeSockets(const Snapshot& host,
                                         const std::vector<ListeningSocket>& sockets,
                                         const std::map<uint32_t, SocketOwner>& owners,
                                         bool loopback);

// Answers a SocketsQuestion. Call this on a thread of its own.
absl::StatusOr<v1::Answer> ProduceSockets(const v1::SocketsQuestion& question, const Snapshot& host,
                                          const BackgroundAnswers::Emit& emit);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_ANSWER_SOCKETS_H_
