// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_ANSWER_ANSWERERS_H_
#define FIREBREAK_AGENT_ANSWER_ANSWERERS_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>

#include "agent/answer/reply.h"
#include "agent/loop/event_loop.h"
#include "firebreak/v1/host.pb.h"

namespace firebreak::agent {

// Passes each question to the answerer that is registered for its kind, wherever the question came
// from, and ends answers that nobody waits for any longer.
//
//   answerers.Register(v1::Question::kRules, [this](std::shared_ptr<Reply> reply) { … });
//
// An answerer that takes more than some milliseconds works on a thread of its own (LongAnswer).
//
// Threading: on the event loop's thread. `loop` must outlive this object.
class Answerers {
 public:
  using Answerer = std::function<void(std::shared_ptr<Reply>)>;

  // The limit applies to each sink (the controller, or one client), so that no sink can keep others
  // from asking.
  static constexpr size_t kMaxUnanswered = 16;
  // The longest time for which one question is answered. A client that follows something asks again
  // after this time. A caller that may only ask has less time, and is told when it is over.
  static constexpr std::chrono::hours kMaxTime{24};
  static constexpr std::chrono::seconds kMaxTimeToOnlyAsk{60};

  explicit Answerers(EventLoop& loop) : loop_(loop) {}
  Answerers(const Answerers&) = delete;
  Answerers& operator=(const Answerers&) = delete;

  // `acts` marks questions that change something; callers that may only ask are refused.
  void Register(v1::Question::QuestionCase kind, Answerer answerer, bool acts = false);

  // `sink` must stay until CancelAll. The question's id must be unique among the sink's questions.
  // The answerer finds the time that it has in the question's timeout.
  void Ask(AnswerSink& sink, const Caller& caller, v1::Question question);
  // Ends the answer because nobody waits for it any longer. Does nothing if the question has been
  // answered.
  void Cancel(AnswerSink& sink, uint64_t id);
  // Must be called before the sink is destroyed.
  void CancelAll(AnswerSink& sink);

 private:
  struct Kind {
    Answerer answerer;
    bool acts = false;
  };
  struct Unanswered {
    std::weak_ptr<Reply> reply;
    EventLoop::Timer deadline = 0;
  };
  using Key = std::pair<AnswerSink*, uint64_t>;

  void Forget(const Key& key);

  EventLoop& loop_;
  std::map<v1::Question::QuestionCase, Kind> kinds_;
  std::map<Key, Unanswered> unanswered_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_ANSWER_ANSWERERS_H_
