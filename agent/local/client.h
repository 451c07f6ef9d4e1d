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

// One connection of the local socket: reads questions, writes the answers' parts as the peer takes
// them. A peer that sends nonsense, or takes nothing of what waits for it for kPatience, or asks
// nothing for as long, is gone: `gone` is called once, and may destroy the client.
//
// What a client can cost: one question and its pieces (kMaxQuestionBytes), for each unanswered
// question, of which there are few (Answerers), a window of parts, and kMaxUntaken bytes of answers
// that it has not read: one that asks without reading is gone.
//
// Threading: on the event loop's thread. `loop` and `answerers` must outlive it.
class LocalClient : public AnswerSink {
 public:
  static constexpr std::chrono::seconds kPatience = std::chrono::seconds(30);
  // The bytes of answers that may wait for the peer when it asks another question.
  static constexpr size_t kMaxUntaken = 1 << 20;

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
  // False: the connection is of no more use.
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
  size_t written_ = 0;  // of the first
  size_t untaken_ = 0;  // bytes of all of them
  size_t unanswered_ = 0;
  EventLoop::Timer patience_ = 0;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_LOCAL_CLIENT_H_
