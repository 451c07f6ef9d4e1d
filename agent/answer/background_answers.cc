// SPDX-License-Identifier: Apache-2.0
#include "agent/answer/background_answers.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "proto/endpoint/endpoint.h"

namespace firebreak::agent {

namespace {

bool AreOfOneKind(const Caller& a, const Caller& b) {
  return a.local == b.local && a.may_act == b.may_act;
}

}  // namespace

struct BackgroundAnswers::Work {
  Caller caller;
  std::shared_ptr<Reply> reply;  // used on the loop's thread only
  std::thread thread;            // used on the loop's thread only
  absl::Mutex mutex;
  int under_way ABSL_GUARDED_BY(mutex) = 0;
  bool stopped ABSL_GUARDED_BY(mutex) = false;

  bool MayGoOn() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    return stopped || under_way < kAnswerWindow;
  }
  void Stop() ABSL_LOCKS_EXCLUDED(mutex) {
    absl::MutexLock lock(&mutex);
    stopped = true;
  }
};

BackgroundAnswers::~BackgroundAnswers() {
  *alive_ = false;
  for (const auto& work : works_) {
    work->Stop();
    work->thread.join();
  }
}

void BackgroundAnswers::Start(std::shared_ptr<Reply> reply, Produce produce) {
  const auto count = std::count_if(works_.begin(), works_.end(), [&](const auto& work) {
    return AreOfOneKind(work->caller, reply->caller());
  });
  if (static_cast<size_t>(count) >= kMaxThreads) {
    return reply->Fail(absl::ResourceExhaustedError(
        absl::StrCat("the agent is busy with ", count, " long answers; try again later")));
  }
  const auto work = std::make_shared<Work>();
  work->caller = reply->caller();
  work->reply = std::move(reply);
  work->reply->OnCancel([work] { work->Stop(); });
  works_.insert(work);

  const Emit emit = [this, work](v1::Answer part) {
    {
      absl::MutexLock lock(&work->mutex);
      work->mutex.Await(absl::Condition(
          +[](Work* of) ABSL_NO_THREAD_SAFETY_ANALYSIS { return of->MayGoOn(); }, work.get()));
      if (work->stopped) return false;
      ++work->under_way;
    }
    loop_.Post([work, part = std::move(part)]() mutable {
      if (work->reply == nullptr) return;
      work->reply->Part(std::move(part), [work] {
        absl::MutexLock lock(&work->mutex);
        --work->under_way;
      });
    });
    return true;
  };
  work->thread = std::thread([this, work, emit, produce = std::move(produce), alive = alive_] {
    auto end = std::make_shared<absl::StatusOr<v1::Answer>>(produce(emit));
    loop_.Post([this, work, end, alive] {
      const std::shared_ptr<Reply> answered = std::exchange(work->reply, nullptr);
      if (end->ok()) {
        answered->Last(*std::move(*end));
      } else {
        answered->Fail(end->status());
      }
      answered->OnCancel(nullptr);  // the callback refers to the work
      if (!*alive) return;          // the destructor has joined the thread
      work->thread.join();
      works_.erase(work);
    });
  });
}

}  // namespace firebreak::agent
