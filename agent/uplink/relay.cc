// SPDX-License-Identifier: Apache-2.0
#include "agent/uplink/relay.h"

#include <utility>

namespace firebreak::agent {

void Relay::Ask(v1::Question question) { answerers_.Ask(*this, Caller(), std::move(question)); }

void Relay::Cancel(uint64_t id) {
  waiting_.erase(id);
  answerers_.Cancel(*this, id);
}

void Relay::StreamEnded() {
  waiting_.clear();
  answerers_.CancelAll(*this);
}

void Relay::Send(v1::Answer part, std::function<void()> taken) {
  if (part.last()) {
    waiting_.erase(part.id());
  } else {
    waiting_[part.id()].push_back(std::move(taken));
  }
  v1::AgentMessage message;
  *message.mutable_answer() = std::move(part);
  send_(std::move(message));
}

void Relay::Taken(const v1::AnswerTaken& taken) {
  for (uint32_t i = 0; i < taken.parts(); ++i) {
    // The question is looked up again each time, because the callback may end the answer.
    const auto found = waiting_.find(taken.id());
    if (found == waiting_.end() || found->second.empty()) return;
    const auto next = std::move(found->second.front());
    found->second.pop_front();
    next();
  }
}

}  // namespace firebreak::agent
