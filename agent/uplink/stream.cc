// SPDX-License-Identifier: Apache-2.0
#include "agent/uplink/stream.h"

#include <grpcpp/grpcpp.h>

#include <list>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "agent/uplink/channel.h"
#include "agent/uplink/fit_report.h"
#include "firebreak/v1/fleet.grpc.pb.h"
#include "proto/text/make_text.h"

namespace firebreak::agent {

// The reactor is owned by the stream and, until gRPC has finished with it, by itself.
class Stream::Reactor : public grpc::ClientBidiReactor<v1::AgentMessage, v1::ControllerMessage> {
 public:
  Reactor(const std::string& address, const Identity& identity, EventLoop& loop,
          Callbacks callbacks)
      : loop_(loop),
        callbacks_(std::move(callbacks)),
        channel_(OpenChannel(address, identity)),
        stub_(v1::Fleet::NewStub(channel_)) {}

  void Start(const std::shared_ptr<Reactor>& self, v1::Hello hello) {
    self_ = self;
    stub_->async()->Connect(&context_, this);
    v1::AgentMessage first;
    *first.mutable_hello() = std::move(hello);
    // The loop's thread starts reads and writes too, so the hold keeps the call from ending under
    // that thread until the last read has failed.
    AddHold();
    StartRead(&incoming_);
    Send(std::move(first), nullptr);
    StartCall();
  }

  void Send(v1::AgentMessage message, std::function<void()> written) ABSL_LOCKS_EXCLUDED(mutex_) {
    FitReport(message);
    // gRPC would end the stream because of one string field that is not UTF-8.
    MakeText(message);
    absl::MutexLock lock(&mutex_);
    if (ended_ || overflown_) return;
    if (message.has_facts()) ForgetOlderFacts();
    const size_t bytes = message.ByteSizeLong();
    queued_bytes_ += bytes;
    // A single message may exceed the limit, as a large policy may do in the other direction.
    if (queued_bytes_ > kMaxQueuedBytes && !outgoing_.empty()) {
      overflown_ = true;
      context_.TryCancel();
      return;
    }
    outgoing_.push_back({std::move(message), bytes, std::move(written)});
    if (outgoing_.size() == 1) StartWrite(&outgoing_.front().message);
  }

  // Call this on the loop's thread. No callback runs afterwards.
  void Abandon() {
    callbacks_ = {};
    context_.TryCancel();
  }

  void OnReadInitialMetadataDone(bool ok) override {
    if (!ok) return;
    loop_.Post([self = self_, peer = context_.peer()] {
      const auto callback = self->callbacks_.taken;
      if (callback) callback(peer);
    });
  }

  void OnWriteDone(bool ok) override ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    Outgoing done = std::move(outgoing_.front());
    outgoing_.pop_front();
    queued_bytes_ -= done.bytes;
    if (ok && done.written) {
      loop_.Post([self = self_, written = std::move(done.written)] {
        // The callback must not run after the stream was abandoned.
        if (self->callbacks_.ended) written();
      });
    }
    if (ok && !ended_ && !outgoing_.empty()) StartWrite(&outgoing_.front().message);
  }

  void OnReadDone(bool ok) override ABSL_LOCKS_EXCLUDED(mutex_) {
    if (!ok) {
      {
        absl::MutexLock lock(&mutex_);
        ended_ = true;
      }
      RemoveHold();
      return;
    }
    // `incoming_` is not touched after this: the loop may already be reading the next message into
    // it.
    v1::ControllerMessage message = std::exchange(incoming_, {});
    loop_.Post([this, self = self_, message = std::move(message)]() mutable {
      // The callback is copied because it may destroy the stream, which clears the callbacks.
      const auto callback = callbacks_.message;
      if (callback) callback(std::move(message));
      // The next message is read only now, so that a controller cannot fill this host's memory.
      StartRead(&incoming_);
    });
  }

  void OnDone(const grpc::Status& status) override {
    bool overflown = false;
    {
      absl::MutexLock lock(&mutex_);
      overflown = overflown_;
    }
    loop_.Post([self = std::move(self_), status, overflown] {
      // The callback is moved out because it destroys the stream, which clears the callbacks.
      const auto ended = std::move(self->callbacks_.ended);
      self->callbacks_ = {};
      if (ended) {
        ended(overflown ? absl::ResourceExhaustedError(
                              "the controller does not accept the data that this host sends")
                        : ToAbsl(status));
      }
    });
  }

 private:
  struct Outgoing {
    v1::AgentMessage message;
    size_t bytes;
    std::function<void()> written;
  };

  // Removes queued facts, except a message at the front of the queue, which gRPC is writing.
  void ForgetOlderFacts() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    for (auto at = outgoing_.begin(); at != outgoing_.end(); ++at) {
      if (at == outgoing_.begin() || !at->message.has_facts()) continue;
      queued_bytes_ -= at->bytes;
      outgoing_.erase(at);
      return;  // the queue never holds more than one
    }
  }

  EventLoop& loop_;
  Callbacks callbacks_;  // used on the loop's thread only
  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<v1::Fleet::Stub> stub_;
  grpc::ClientContext context_;
  v1::ControllerMessage incoming_;
  std::shared_ptr<Reactor> self_;
  absl::Mutex mutex_;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  bool overflown_ ABSL_GUARDED_BY(mutex_) = false;
  // A list keeps the message that gRPC is writing at its place in memory.
  std::list<Outgoing> outgoing_ ABSL_GUARDED_BY(mutex_);
  size_t queued_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

Stream::Stream(const std::string& address, const Identity& identity, v1::Hello hello,
               EventLoop& loop, Callbacks callbacks)
    : reactor_(std::make_shared<Reactor>(address, identity, loop, std::move(callbacks))) {
  reactor_->Start(reactor_, std::move(hello));
}

Stream::~Stream() { reactor_->Abandon(); }

void Stream::Send(v1::AgentMessage message, std::function<void()> written) {
  reactor_->Send(std::move(message), std::move(written));
}

}  // namespace firebreak::agent
