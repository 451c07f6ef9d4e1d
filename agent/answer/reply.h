#ifndef FIREBREAK_AGENT_ANSWER_REPLY_H_
#define FIREBREAK_AGENT_ANSWER_REPLY_H_

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "firebreak/v1/host.pb.h"

namespace firebreak::agent {

// Who asks. Through the controller come administrators of the fleet, whom it has admitted.
struct Caller {
  bool local = false;  // on this host's socket; else through the controller
  // Who asks on the local socket, as the kernel says (SO_PEERCRED).
  uid_t user = 0;
  pid_t process = 0;
  // May have something done; others may only ask.
  bool may_act = true;
};

// Where the parts of answers go: one relay to the controller, or one client of the socket.
class AnswerSink {
 public:
  virtual ~AnswerSink() = default;

  // Sends a part of the answer with `part.id()`. `taken` is called later, on the loop's thread,
  // when whoever asked has taken the part; never, if they no longer listen.
  virtual void Send(v1::Answer part, std::function<void()> taken) = 0;
};

// The answer to one question. The answerer keeps it until it has said all and then lets go of it;
// one that is let go of without an end says so to whoever asked.
//
// Threading: on the event loop's thread, the last reference included.
class Reply {
 public:
  // By Answerers.
  Reply(v1::Question question, Caller caller, AnswerSink& sink);
  ~Reply();
  Reply(const Reply&) = delete;
  Reply& operator=(const Reply&) = delete;

  const v1::Question& question() const { return question_; }
  const Caller& caller() const { return caller_; }

  // Whether anybody still listens and the end is not said. All that follows does nothing if not.
  bool open() const { return sink_ != nullptr; }
  // Called once if nobody listens any more before the end is said: an answerer that works on
  // something stops it then.
  void OnCancel(std::function<void()> cancelled) { cancelled_ = std::move(cancelled); }

  // The whole answer, or the end of it.
  void Last(v1::Answer answer);
  // There is no answer, and why.
  void Fail(const absl::Status& status);

  // A part before the last. Have at most kAnswerWindow of them that are not `taken`: more is
  // refused by the controller.
  void Part(v1::Answer part, std::function<void()> taken);

  // For answers of many parts that are at hand: sends what `next` gives, and asks it for more when
  // there is room. The part that has `last` set is the end.
  static void Pull(std::shared_ptr<Reply> reply, std::function<v1::Answer()> next);

  // By Answerers: nobody listens any more; and what to call when the end is said.
  void Cancel();
  // Like Cancel, but whoever asked still listens and gets to know why there is no more.
  void Stop(const absl::Status& status);
  void OnEnd(std::function<void()> ended) { ended_ = std::move(ended); }

 private:
  v1::Question question_;
  const Caller caller_;
  AnswerSink* sink_;  // null: the end is said, or nobody listens
  std::function<void()> ended_;
  std::function<void()> cancelled_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_ANSWER_REPLY_H_
