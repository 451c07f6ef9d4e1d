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

// Answers questions, however they came: knows for each kind of question who answers it, and ends
// what nobody waits for any more.
//
//   answerers.Register(v1::Question::kRules, [this](std::shared_ptr<Reply> reply) { … });
//
// An answerer that takes more than some milliseconds works on a thread of its own (LongAnswer).
//
// Threading: on the event loop's thread. `loop` must outlive it.
class Answerers {
 public:
  using Answerer = std::function<void(std::shared_ptr<Reply>)>;

  // For each sink, the controller's or a client's, so that none can keep others from asking.
  static constexpr size_t kMaxUnanswered = 16;
  // The longest that one question is answered. Whoever follows something asks for as long as this
  // at a time; who may only ask has less, and is told when it is over.
  static constexpr std::chrono::hours kMaxTime{24};
  static constexpr std::chrono::seconds kMaxTimeToOnlyAsk{60};

  explicit Answerers(EventLoop& loop) : loop_(loop) {}
  Answerers(const Answerers&) = delete;
  Answerers& operator=(const Answerers&) = delete;

  // `acts`: not for callers that may only ask.
  void Register(v1::Question::QuestionCase kind, Answerer answerer, bool acts = false);

  // `sink` must stay until CancelAll. The question's id is unique among the sink's. The answerer
  // sees in it the time that it has.
  void Ask(AnswerSink& sink, const Caller& caller, v1::Question question);
  // Nobody waits for it any more. Nothing happens if it is answered already.
  void Cancel(AnswerSink& sink, uint64_t id);
  // The sink is about to go.
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
