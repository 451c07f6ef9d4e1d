// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_LOCAL_CLIENT_H_
#define FIREBREAK_AGENT_LOCAL_CLIENT_H_

#include <chrono>
#include <deque>
#include <functional>
#include <string>

#include "agent/answer/answerers.h"
#include "agent/answer/reply.h"
#include "agent/loop/event_loop.h"
#include "base/descriptor/descriptor.h"
#include "firebreak/v1/host.pb.h"

namespace firebreak::agent {

// One connection to the local socket: reads questions, and writes the parts of the answers as fast
// as the peer reads them. The connection is given up if the peer sends malformed data, or for
// kPatience neither reads waiting data nor asks anything. Then `gone` is called once; it may
// destroy the client.
//
// A client can use this much memory: one question (kMaxQuestionBytes, or kMaxRootQuestionBytes of
// a caller who may act), a window of parts for each
// unanswered question, of which Answerers allows few, and kMaxUntaken bytes of answers that it has
// not read. A client that asks more without reading is disconnected.
//
// Threading: on the event loop's thread. `loop` and `answerers` must outlive it.
class LocalClient : public AnswerSink {
 public:
  static constexpr std::chrono::seconds kPatience = std::chrono::seconds(30);
  // The number of bytes that may wait for the peer when it asks another question.
  static constexpr size_t kMaxUntaken = 1 << 20;
  // A question of a caller who may act, and which may bring the files of a policy.
  static constexpr size_t kMaxRootQuestionBytes = 9 << 20;

  LocalClient(Descriptor socket, Caller caller, EventLoop& loop, Answerers& answerers,
              std::function<void()> gone);
  ~LocalClient() override;
  LocalClient(const LocalClient&) = delete;
  LocalClient& operator=(const LocalClient&) = delete;

  const Caller& caller() const { return caller_; }

  void Send(v1::Answer part, std::function<void()> taken) override;

 private:
  struct Outgoing {
    std::string frame;
    std::function<void()> taken;
  };

  void OnReadable();
  void OnWritable();
  // Returns false if the connection can no longer be used.
  bool Write();
  bool TakeQuestions();
  void ExpectProgress();
  void Gone();

  const Descriptor socket_;
  const Caller caller_;
  EventLoop& loop_;
  Answerers& answerers_;
  const std::function<void()> gone_;
  std::string incoming_;
  std::deque<Outgoing> outgoing_;
  size_t written_ = 0;  // bytes of the first part already written
  size_t untaken_ = 0;  // bytes of all parts
  size_t unanswered_ = 0;
  EventLoop::Timer patience_ = 0;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_LOCAL_CLIENT_H_
