// SPDX-License-Identifier: Apache-2.0
#include "agent/answer/reply.h"

#include <string>
#include <utility>

#include "proto/endpoint/endpoint.h"

namespace firebreak::agent {
namespace {

// The state of one Pull: the number of parts under way, and the function that makes the next part.
struct Pulling {
  std::shared_ptr<Reply> reply;
  std::function<v1::Answer()> next;
  int under_way = 0;
};

void Continue(const std::shared_ptr<Pulling>& pulling) {
  while (pulling->reply->open() && pulling->under_way < kAnswerWindow) {
    v1::Answer part = pulling->next();
    if (part.last()) return pulling->reply->Last(std::move(part));
    ++pulling->under_way;
    pulling->reply->Part(std::move(part), [pulling] {
      --pulling->under_way;
      Continue(pulling);
    });
  }
}

}  // namespace

Reply::Reply(v1::Question question, Caller caller, AnswerSink& sink)
    : question_(std::move(question)), caller_(caller), sink_(&sink) {}

Reply::~Reply() { Fail(absl::InternalError("the agent has given up on the question")); }

void Reply::Part(v1::Answer part, std::function<void()> taken) {
  if (!open()) return;
  part.set_id(question_.id());
  part.set_last(false);
  sink_->Send(std::move(part), std::move(taken));
}

void Reply::Last(v1::Answer answer) {
  if (!open()) return;
  answer.set_id(question_.id());
  answer.set_last(true);
  AnswerSink& sink = *std::exchange(sink_, nullptr);
  cancelled_ = nullptr;
  sink.Send(std::move(answer), [] {});
  if (const auto ended = std::exchange(ended_, nullptr)) ended();
}

void Reply::Fail(const absl::Status& status) {
  if (!open()) return;
  v1::Answer answer;
  answer.set_error(std::string(status.message()));
  Last(std::move(answer));
}

void Reply::Cancel() {
  if (!open()) return;
  sink_ = nullptr;
  ended_ = nullptr;
  if (const auto cancelled = std::exchange(cancelled_, nullptr)) cancelled();
}

void Reply::Stop(const absl::Status& status) {
  const auto cancelled = std::exchange(cancelled_, nullptr);
  Fail(status);
  if (cancelled) cancelled();
}

void Reply::Pull(std::shared_ptr<Reply> reply, std::function<v1::Answer()> next) {
  Continue(std::make_shared<Pulling>(
      Pulling{.reply = std::move(reply), .next = std::move(next), .under_way = 0}));
}

}  // namespace firebreak::agent
