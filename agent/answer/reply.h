// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_ANSWER_REPLY_H_
#define FIREBREAK_AGENT_ANSWER_REPLY_H_

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "base/descriptor/descriptor.h"
#include "firebreak/v1/host.pb.h"

namespace firebreak::agent {

// Who asks: an administrator whom the controller has admitted, or a user of this host.
struct Caller {
  bool local = false;  // asks on this host's socket; otherwise through the controller
  // The user and the process that ask on the local socket, from the kernel (SO_PEERCRED).
  uid_t user = 0;
  pid_t process = 0;
  // Refers to that very process (pidfd_open(2)), whatever gets its number later; null: unknown.
  std::shared_ptr<const Descriptor> process_handle = nullptr;
  // Whether the caller may change something; other callers may only ask.
  bool may_act = true;
};

// The destination of answers: the relay to the controller, or one client of the local socket.
class AnswerSink {
 public:
  virtual ~AnswerSink() = default;

  // Sends a part of the answer with `part.id()`. Calls `taken` later, on the loop's thread, when
  // the asker has taken the part; never, if the asker no longer listens.
  virtual void Send(v1::Answer part, std::function<void()> taken) = 0;
};

// The answer to one question. The answerer keeps the reply until it has sent the last part. If the
// last reference goes before that, the asker is told that there is no answer.
//
// Threading: on the event loop's thread, the destruction of the last reference included.
class Reply {
 public:
  // Only Answerers makes replies.
  Reply(v1::Question question, Caller caller, AnswerSink& sink);
  ~Reply();
  Reply(const Reply&) = delete;
  Reply& operator=(const Reply&) = delete;

  const v1::Question& question() const { return question_; }
  const Caller& caller() const { return caller_; }

  // Whether the asker still listens and the answer has not ended. Otherwise the methods below do
  // nothing.
  bool open() const { return sink_ != nullptr; }
  // Sets a callback that runs once if the asker stops listening before the answer has ended; the
  // answerer should then stop working.
  void OnCancel(std::function<void()> cancelled) { cancelled_ = std::move(cancelled); }

  // Sends the whole answer, or its last part, and ends the answer.
  void Last(v1::Answer answer);
  // Ends the answer with the reason why there is none.
  void Fail(const absl::Status& status);

  // Sends a part that is not the last. At most kAnswerWindow parts may be untaken; the controller
  // refuses more.
  void Part(v1::Answer part, std::function<void()> taken);

  // Sends an answer whose parts can be made at once: calls `next` for a part whenever there is
  // room. The part with `last` set ends the answer.
  static void Pull(std::shared_ptr<Reply> reply, std::function<v1::Answer()> next);

  // Only for Answerers: Cancel is called when nobody listens any longer; OnEnd sets a callback that
  // runs when the answer has ended.
  void Cancel();
  // Like Cancel, but the asker still listens and is told why the answer ends.
  void Stop(const absl::Status& status);
  void OnEnd(std::function<void()> ended) { ended_ = std::move(ended); }

 private:
  v1::Question question_;
  const Caller caller_;
  AnswerSink* sink_;  // null once the answer has ended or nobody listens
  std::function<void()> ended_;
  std::function<void()> cancelled_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_ANSWER_REPLY_H_
