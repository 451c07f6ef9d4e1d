// SPDX-License-Identifier: Apache-2.0

// Bytes of a host's connection, as the HTTP/2 session sees them. Nothing may break, every handler
// that began must be told of its end, and no more memory may be held than allowed.

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "controller/front/http2/http2_session.h"

using namespace firebreak::controller;

namespace {

std::atomic<int> begun{0};
std::atomic<int> done{0};

// A handler that sends every message back.
class Echo final : public CallHandler {
 public:
  explicit Echo(std::shared_ptr<Call> call) : call_(std::move(call)) {
    ++begun;
    call_->Read(1 << 10);
  }

 private:
  void OnMessage(std::string message) override {
    if (message.size() > 1 << 10) __builtin_trap();
    call_->Send(ToWire(message));
  }
  void OnSent() override { call_->Read(1 << 10); }
  void OnEndOfMessages() override { call_->Finish(absl::OkStatus()); }
  void OnUnreadable(const absl::Status& reason) override { call_->Finish(reason); }
  void OnDone() override { ++done; }

  const std::shared_ptr<Call> call_;
};

// The work that handlers want the session to do.
class Jobs {
 public:
  void Add(std::function<void(Http2Session&)> job) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    jobs_.push_back(std::move(job));
  }
  void Run(Http2Session& session) ABSL_LOCKS_EXCLUDED(mutex_) {
    std::vector<std::function<void(Http2Session&)>> jobs;
    {
      absl::MutexLock lock(&mutex_);
      jobs.swap(jobs_);
    }
    for (const auto& job : jobs) job(session);
  }

 private:
  absl::Mutex mutex_;
  std::vector<std::function<void(Http2Session&)>> jobs_ ABSL_GUARDED_BY(mutex_);
};

void Converse(absl::string_view bytes, size_t portion) {
  const Methods methods = {{"/test/Echo", [](const std::shared_ptr<Call>& call) {
                              return std::make_shared<Echo>(call);
                            }}};
  Jobs jobs;
  Loop loop;
  CallPool pool(1);
  Http2Session session(
      {loop, pool, methods, std::make_shared<Caller>(),
       std::make_shared<const Call::Reach>([&jobs](auto job) { jobs.Add(std::move(job)); })});
  for (size_t at = 0; at < bytes.size(); at += portion) {
    std::string answer;
    if (!session.Receive(bytes.substr(at, portion)).ok()) return;
    if (!session.Produce(answer, 1 << 20).ok() || session.over()) return;
    if (session.calls() > Http2Session::kMaxCalls) __builtin_trap();
    jobs.Run(session);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (size_t portion : {std::max<size_t>(size, 1), size_t{7}}) {
    Converse(bytes, portion);
    if (begun != done) __builtin_trap();
  }
  return 0;
}
