#ifndef FIREBREAK_AGENT_UPLINK_UNARY_CALL_H_
#define FIREBREAK_AGENT_UPLINK_UNARY_CALL_H_

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "agent/identity/identity.h"
#include "agent/uplink/channel.h"

namespace firebreak::agent {

// One call on a connection of its own. `done` runs once, on a thread of gRPC, unless the object
// is destroyed before: then the call is cancelled and `done` may still run, with CANCELLED.
// What `done` needs it must own.
template <typename Service, typename Request, typename Response>
class UnaryCall {
 public:
  using Done = std::function<void(const grpc::Status&, const Response&)>;

  // `start` begins the call: stub->async()->Method(context, request, response, done).
  template <typename Start>
  UnaryCall(const std::string& address, const Identity& identity, absl::Duration timeout,
            Request request, const Start& start, Done done)
      : call_(std::make_shared<Call>()) {
    call_->channel = OpenChannel(address, identity);
    call_->stub = Service::NewStub(call_->channel);
    call_->request = std::move(request);
    call_->context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
    start(*call_->stub, call_->context, call_->request, call_->response,
          [call = call_, done = std::move(done)](grpc::Status status) {
            done(status, call->response);
          });
  }
  ~UnaryCall() { call_->context.TryCancel(); }
  UnaryCall(const UnaryCall&) = delete;
  UnaryCall& operator=(const UnaryCall&) = delete;

 private:
  struct Call {
    std::shared_ptr<grpc::Channel> channel;
    std::unique_ptr<typename Service::Stub> stub;
    grpc::ClientContext context;
    Request request;
    Response response;
  };
  std::shared_ptr<Call> call_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_UPLINK_UNARY_CALL_H_
