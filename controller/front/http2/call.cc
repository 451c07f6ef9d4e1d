// SPDX-License-Identifier: Apache-2.0
#include "controller/front/http2/call.h"

#include <utility>

#include "controller/front/http2/http2_session.h"

namespace firebreak::controller {

void Call::Read(size_t max_bytes) {
  (*reach_)(
      [stream = stream_, max_bytes](Http2Session& session) { session.Read(stream, max_bytes); });
}

void Call::SendHeaders() {
  (*reach_)([stream = stream_](Http2Session& session) { session.SendHeaders(stream); });
}

void Call::Send(WireMessage message) {
  (*reach_)([stream = stream_, message = std::move(message)](Http2Session& session) {
    session.Send(stream, message);
  });
}

void Call::Finish(absl::Status status) {
  (*reach_)([stream = stream_, status = std::move(status)](Http2Session& session) {
    session.Finish(stream, status);
  });
}

void Call::Cancel() {
  (*reach_)([stream = stream_](Http2Session& session) { session.Cancel(stream); });
}

void Call::RunAfter(std::chrono::nanoseconds time, std::function<void()> job) {
  (*reach_)([stream = stream_, time, job = std::move(job)](Http2Session& session) {
    session.RunAfter(stream, time, job);
  });
}

void Call::Begin(Method method) {
  Add([this, method = std::move(method)] { handler_ = method(shared_from_this()); });
}

void Call::Tell(std::function<void(CallHandler&)> event) {
  Add([this, event = std::move(event)] {
    if (handler_ != nullptr) event(*handler_);
  });
}

void Call::TellDone() {
  Add([this] {
    if (const auto handler = std::exchange(handler_, nullptr); handler != nullptr) {
      handler->OnDone();
    }
  });
}

void Call::Add(std::function<void()> event) {
  {
    absl::MutexLock lock(&mutex_);
    events_.push_back(std::move(event));
    if (std::exchange(scheduled_, true)) return;
  }
  pool_.Schedule(shared_from_this());
}

void Call::Run() {
  std::vector<std::function<void()>> events;
  {
    absl::MutexLock lock(&mutex_);
    events.swap(events_);
  }
  for (const auto& event : events) event();
  {
    absl::MutexLock lock(&mutex_);
    if (events_.empty()) {
      scheduled_ = false;
      return;
    }
  }
  // Behind others, so that one busy call does not keep them waiting.
  pool_.Schedule(shared_from_this());
}

}  // namespace firebreak::controller
