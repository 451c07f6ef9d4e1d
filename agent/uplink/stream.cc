#include "agent/uplink/stream.h"

#include <grpcpp/grpcpp.h>

#include <deque>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "agent/uplink/channel.h"
#include "firebreak/v1/fleet.grpc.pb.h"

namespace firebreak::agent {

// Owned by the stream and, until gRPC is done with it, by itself.
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
    // Reads and writes are started from the loop's thread too; until the last read has failed the
    // call must not end under their hands.
    AddHold();
    StartRead(&incoming_);
    Send(std::move(first));
    StartCall();
  }

  void Send(v1::AgentMessage message) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    if (ended_) return;
    outgoing_.push_back(std::move(message));
    if (outgoing_.size() == 1) StartWrite(&outgoing_.front());
  }

  // On the loop's thread; no callback after it.
  void Abandon() {
    callbacks_ = {};
    context_.TryCancel();
  }

  void OnWriteDone(bool ok) override ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    outgoing_.pop_front();
    if (ok && !ended_ && !outgoing_.empty()) StartWrite(&outgoing_.front());
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
    // Not touched once it is handed over: the loop may already be reading the next one into it.
    v1::ControllerMessage message = std::exchange(incoming_, {});
    loop_.Post([this, self = self_, message = std::move(message)]() mutable {
      // A local copy: the callback may destroy the stream, and that clears the callbacks.
      const auto callback = callbacks_.message;
      if (callback) callback(std::move(message));
      // Only now is the next one read: a controller cannot fill this host's memory.
      StartRead(&incoming_);
    });
  }

  void OnDone(const grpc::Status& status) override {
    loop_.Post([self = std::move(self_), status] {
      // A local copy: the callback destroys the stream, and that clears the callbacks.
      const auto ended = std::move(self->callbacks_.ended);
      self->callbacks_ = {};
      if (ended) ended(ToAbsl(status));
    });
  }

 private:
  EventLoop& loop_;
  Callbacks callbacks_;  // loop's thread only
  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<v1::Fleet::Stub> stub_;
  grpc::ClientContext context_;
  v1::ControllerMessage incoming_;
  std::shared_ptr<Reactor> self_;
  absl::Mutex mutex_;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<v1::AgentMessage> outgoing_ ABSL_GUARDED_BY(mutex_);
};

Stream::Stream(const std::string& address, const Identity& identity, v1::Hello hello,
               EventLoop& loop, Callbacks callbacks)
    : reactor_(std::make_shared<Reactor>(address, identity, loop, std::move(callbacks))) {
  reactor_->Start(reactor_, std::move(hello));
}

Stream::~Stream() { reactor_->Abandon(); }

void Stream::Send(v1::AgentMessage message) { reactor_->Send(std::move(message)); }

}  // namespace firebreak::agent
