// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_UPLINK_RELAY_H_
#define FIREBREAK_AGENT_UPLINK_RELAY_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>

#include "agent/answer/answerers.h"
#include "agent/answer/reply.h"
#include "firebreak/v1/fleet.pb.h"

namespace firebreak::agent {

// Answers questions that the controller relays. A part counts as taken when the controller says
// that it has passed the part on (AnswerTaken).
//
// Threading: on the event loop's thread. `answerers` must outlive the relay.
class Relay : public AnswerSink {
 public:
  // `send` sends a message on the present stream.
  Relay(Answerers& answerers, std::function<void(v1::AgentMessage)> send)
      : answerers_(answerers), send_(std::move(send)) {}
  ~Relay() override { answerers_.CancelAll(*this); }
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  void Ask(v1::Question question);
  void Cancel(uint64_t id);
  void Taken(const v1::AnswerTaken& taken);
  // Must be called when the stream has ended; its questions are then cancelled.
  void StreamEnded();

  void Send(v1::Answer part, std::function<void()> taken) override;

 private:
  Answerers& answerers_;
  const std::function<void(v1::AgentMessage)> send_;
  std::map<uint64_t, std::deque<std::function<void()>>> waiting_;  // keys are the ids of questions
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_UPLINK_RELAY_H_
