// SPDX-License-Identifier: Apache-2.0
#include "agent/answer/answerers.h"

#include <algorithm>
#include <chrono>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "proto/endpoint/version.h"

namespace firebreak::agent {
namespace {

constexpr uint32_t kDefaultTimeoutMillis = 30'000;

}  // namespace

void Answerers::Register(v1::Question::QuestionCase kind, Answerer answerer, bool acts) {
  kinds_[kind] = {.answerer = std::move(answerer), .acts = acts};
}

void Answerers::Ask(AnswerSink& sink, const Caller& caller, v1::Question question) {
  const Key key(&sink, question.id());
  const bool known = unanswered_.contains(key);
  const auto first = unanswered_.lower_bound(Key(&sink, 0));
  const auto behind = unanswered_.upper_bound(Key(&sink, UINT64_MAX));
  const size_t count = static_cast<size_t>(std::distance(first, behind));
  const std::chrono::milliseconds wanted(
      question.timeout_millis() == 0 ? kDefaultTimeoutMillis : question.timeout_millis());
  const std::chrono::milliseconds most = caller.may_act
                                             ? std::chrono::milliseconds(kMaxTime)
                                             : std::chrono::milliseconds(kMaxTimeToOnlyAsk);
  const std::chrono::milliseconds time = std::min(wanted, most);
  question.set_timeout_millis(static_cast<uint32_t>(time.count()));

  const auto kind = kinds_.find(question.question_case());
  const auto reply = std::make_shared<Reply>(std::move(question), caller, sink);
  // A sink that reuses the id of an unanswered question gets no answer to the second one.
  if (known) return reply->Cancel();
  if (count >= kMaxUnanswered) {
    return reply->Fail(absl::ResourceExhaustedError(
        absl::StrCat(count, " questions are unanswered; try again later")));
  }
  if (kind == kinds_.end()) {
    return reply->Fail(absl::UnimplementedError(
        absl::StrCat("firebreak-agent ", kVersion, " does not know this question")));
  }
  if (kind->second.acts && !caller.may_act) {
    return reply->Fail(absl::PermissionDeniedError("only root may have this done"));
  }
  unanswered_[key] = {
      .reply = reply, .deadline = loop_.RunAfter(time, [this, key, time, cut = time < wanted] {
        const auto found = unanswered_.find(key);
        if (found == unanswered_.end()) return;
        const auto late = found->second.reply.lock();
        Forget(key);
        if (late == nullptr) return;
        if (!cut) return late->Cancel();
        late->Stop(absl::DeadlineExceededError(absl::StrCat(
            "the agent answers one question for at most ", time.count() / 1000, " s")));
      })};
  reply->OnEnd([this, key] { Forget(key); });
  kind->second.answerer(reply);
}

void Answerers::Forget(const Key& key) {
  const auto found = unanswered_.find(key);
  if (found == unanswered_.end()) return;
  loop_.Cancel(found->second.deadline);
  unanswered_.erase(found);
}

void Answerers::Cancel(AnswerSink& sink, uint64_t id) {
  const Key key(&sink, id);
  const auto found = unanswered_.find(key);
  if (found == unanswered_.end()) return;
  const auto reply = found->second.reply.lock();
  Forget(key);
  if (reply != nullptr) reply->Cancel();
}

void Answerers::CancelAll(AnswerSink& sink) {
  for (auto at = unanswered_.lower_bound(Key(&sink, 0));
       at != unanswered_.end() && at->first.first == &sink;
       at = unanswered_.lower_bound(Key(&sink, 0))) {
    Cancel(sink, at->first.second);
  }
}

}  // namespace firebreak::agent
