// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_ANSWER_TRY_CONNECTION_H_
#define FIREBREAK_AGENT_ANSWER_TRY_CONNECTION_H_

#include <chrono>
#include <memory>

#include "agent/answer/reply.h"
#include "agent/loop/event_loop.h"
#include "base/descriptor/descriptor.h"

namespace firebreak::agent {

// Tries one connection for a ProbeQuestion and answers with what came of it: of TCP a handshake,
// which is closed at once; of UDP a datagram, of ICMP an echo request, and whether anything comes
// back. Nothing of the answer's content is looked at. It takes no longer than the question says,
// 30 s at most, and ends when nobody listens any more; of all together kMost may be under way.
//
// Threading: on the event loop's thread, which must outlive it.
class TryConnection : public std::enable_shared_from_this<TryConnection> {
 public:
  static constexpr int kMost = 64;

  static void Start(EventLoop& loop, std::shared_ptr<Reply> reply);
  ~TryConnection();
  TryConnection(const TryConnection&) = delete;
  TryConnection& operator=(const TryConnection&) = delete;

 private:
  TryConnection(EventLoop& loop, std::shared_ptr<Reply> reply);

  void Open();
  void OnEvent(bool writable);
  // What an errno means for the probe.
  void EndWith(int error);
  void End(v1::ProbeAnswer::Outcome outcome, const char* detail);

  EventLoop& loop_;
  std::shared_ptr<Reply> reply_;  // null: it is answered
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  Descriptor socket_;
  EventLoop::Timer deadline_ = 0;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_ANSWER_TRY_CONNECTION_H_
