// SPDX-License-Identifier: Apache-2.0
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

// Makes answers that take too long for the event loop, each on a thread of its own. A thread waits
// while kAnswerWindow parts have not been taken, so that a slow reader costs the host no memory;
// Emit tells the thread when nobody listens any longer.
//
// Threading: on the event loop's thread, except the function that Start is given. The destructor
// waits for the threads. `loop` must outlive this object.
class BackgroundAnswers {
 public:
  // Sends a part from the answer's thread. Returns false if nobody listens; the producer must then
  // stop.
  using Emit = std::function<bool(v1::Answer)>;
  // Returns the last part, or the reason why there is no answer. Must not touch anything that
  // belongs to the loop.
  using Produce = std::function<absl::StatusOr<v1::Answer>(const Emit& emit)>;

  // The limit applies to each kind of callers: those that ask through the controller, this host's
  // root, and this host's other users. So no kind keeps the others from asking.
  static constexpr size_t kMaxThreads = 4;

  explicit BackgroundAnswers(EventLoop& loop) : loop_(loop) {}
  ~BackgroundAnswers();
  BackgroundAnswers(const BackgroundAnswers&) = delete;
  BackgroundAnswers& operator=(const BackgroundAnswers&) = delete;

  // Fails the reply if kMaxThreads threads already work for callers of the same kind.
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
