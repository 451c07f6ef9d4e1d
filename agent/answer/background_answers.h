#ifndef FIREBREAK_AGENT_ANSWER_BACKGROUND_ANSWERS_H_
#define FIREBREAK_AGENT_ANSWER_BACKGROUND_ANSWERS_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <set>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "agent/answer/reply.h"
#include "agent/loop/event_loop.h"
#include "firebreak/v1/host.pb.h"

namespace firebreak::agent {

// Answers that take too long for the event loop, each made on a thread of its own while it is
// needed. A thread waits while kAnswerWindow parts have not been taken, so that a slow reader costs
// the host no memory; it learns from Emit when nobody listens any more.
//
// Threading: on the event loop's thread, but for what Start is given. The destructor waits for the
// threads. `loop` must outlive it.
class BackgroundAnswers {
 public:
  // Sends a part, from the answer's thread. False: nobody listens, stop.
  using Emit = std::function<bool(v1::Answer)>;
  // Returns the last part, or why there is no answer. Touches nothing that belongs to the loop.
  using Produce = std::function<absl::StatusOr<v1::Answer>(const Emit& emit)>;

  // For one kind of callers: those through the controller, this host's root, its others. So none
  // keeps the others from asking.
  static constexpr size_t kMaxThreads = 4;

  explicit BackgroundAnswers(EventLoop& loop) : loop_(loop) {}
  ~BackgroundAnswers();
  BackgroundAnswers(const BackgroundAnswers&) = delete;
  BackgroundAnswers& operator=(const BackgroundAnswers&) = delete;

  // Fails the reply if kMaxThreads are at work for callers of its kind.
  void Start(std::shared_ptr<Reply> reply, Produce produce);

 private:
  struct Work;

  EventLoop& loop_;
  std::set<std::shared_ptr<Work>> works_;
  // Whether the loop may still call back into this object.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_ANSWER_BACKGROUND_ANSWERS_H_
