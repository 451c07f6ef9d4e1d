// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_UPLINK_UNARY_CALL_H_
#define FIREBREAK_AGENT_UPLINK_UNARY_CALL_H_

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "agent/identity/identity.h"
#include "agent/loop/event_loop.h"
#include "agent/uplink/channel.h"

namespace firebreak::agent {

// One call on a connection of its own. `done` runs once, unless the object is destroyed before;
// then the call is cancelled and `done` never runs. `done` may destroy the object, and the
// connection with it.
//
// Threading: on the event loop's thread, `done` included. Everything that the call needs is also
// destroyed on that thread: gRPC's threads end with the last channel, and a gRPC thread that
// destroyed the channel would wait for itself.
template <typename Service, typename Request, typename Response>
class UnaryCall {
 public:
  using Done = std::function<void(const grpc::Status&, const Response&)>;

  // `start` begins the call: stub->async()->Method(context, request, response, done).
  template <typename Start>
  UnaryCall(const std::string& address, const Identity& identity, absl::Duration timeout,
            Request request, const Start& start, EventLoop& loop, Done done)
      : call_(std::make_shared<Call>()) {
    call_->channel = OpenChannel(address, identity);
    call_->stub = Service::NewStub(call_->channel);
    call_->request = std::move(request);
    call_->context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
    call_->done = std::move(done);
    start(*call_->stub, call_->context, call_->request, call_->response,
          [&loop, call = call_](grpc::Status status) mutable {
            loop.Post([call = std::move(call), status = std::move(status)] {
              const Done finished = std::exchange(call->done, nullptr);
              if (finished) finished(status, call->response);
            });
          });
  }
  ~UnaryCall() {
    call_->done = nullptr;
    call_->context.TryCancel();
  }
  UnaryCall(const UnaryCall&) = delete;
  UnaryCall& operator=(const UnaryCall&) = delete;

  // Whether the connection, TLS included, is established. Still true when `done` reports an answer
  // that comes too late.
  bool connected() const { return call_->channel->GetState(false) == GRPC_CHANNEL_READY; }

 private:
  struct Call {
    std::shared_ptr<grpc::Channel> channel;
    std::unique_ptr<typename Service::Stub> stub;
    grpc::ClientContext context;
    Request request;
    Response response;
    Done done;  // used on the loop's thread only; empty once nobody waits for the call
  };
  std::shared_ptr<Call> call_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_UPLINK_UNARY_CALL_H_
