// SPDX-License-Identifier: Apache-2.0
#include "controller/identity/service_front.h"

#include <google/protobuf/descriptor.h>
#include <grpc/byte_buffer.h>
#include <grpc/grpc.h>
#include <grpcpp/impl/call.h>
#include <grpcpp/impl/rpc_service_method.h>
#include <grpcpp/server_context.h>

#include <memory>

#include "absl/strings/str_cat.h"

namespace firebreak::controller {
namespace {

using grpc::internal::MethodHandler;

// Does what gRPC does once it has the request; `message` goes to the handler.
void Handle(MethodHandler& handler, const MethodHandler::HandlerParameter& call,
            grpc_byte_buffer* message) {
  grpc::Status status;
  void* data = nullptr;
  void* request = handler.Deserialize(call.call->call(), message, &status, &data);
  handler.RunHandler(MethodHandler::HandlerParameter(call.call, call.server_context, request,
                                                     status, data, call.call_requester));
}

// The request of one call, being read.
class Reading final : private grpc_completion_queue_functor {
 public:
  static void Start(MethodHandler& handler, const MethodHandler::HandlerParameter& call,
                    UnfinishedRequests& unfinished, const MethodAccess& access) {
    auto* reading = new Reading(handler, call, unfinished, access);
    unfinished.Begin(call.call->call(), access.max_request_time);
    grpc_op read = {};
    read.op = GRPC_OP_RECV_MESSAGE;
    read.data.recv_message.recv_message = &reading->message_;
    grpc_completion_queue_functor* done = reading;
    const grpc_call_error error = grpc_call_start_batch(call.call->call(), &read, 1, done, nullptr);
    GPR_ASSERT(error == GRPC_CALL_OK);
  }

 private:
  Reading(MethodHandler& handler, const MethodHandler::HandlerParameter& call,
          UnfinishedRequests& unfinished, const MethodAccess& access)
      : grpc_completion_queue_functor{&Reading::Done, 0, 0, nullptr},
        handler_(handler),
        call_(call),
        unfinished_(unfinished),
        max_bytes_(access.max_request_bytes) {}

  static void Done(grpc_completion_queue_functor* functor, int) {
    const std::unique_ptr<Reading> reading(static_cast<Reading*>(functor));
    reading->unfinished_.End(reading->call_.call->call());
    reading->RefuseIfTooLong();
    // Null if the caller has gone: the handler ends the call.
    Handle(reading->handler_, reading->call_, reading->message_);
  }

  void RefuseIfTooLong() {
    if (message_ == nullptr || grpc_byte_buffer_length(message_) <= max_bytes_) return;
    grpc_byte_buffer_destroy(message_);
    message_ = nullptr;
    grpc_call_cancel_with_status(call_.call->call(), GRPC_STATUS_RESOURCE_EXHAUSTED,
                                 "the request is too long", nullptr);
  }

  MethodHandler& handler_;
  const MethodHandler::HandlerParameter call_;
  UnfinishedRequests& unfinished_;
  const size_t max_bytes_;
  grpc_byte_buffer* message_ = nullptr;
};

// Reads the request of those who may call, and has the service refuse the others.
class ReadingIfAdmitted final : public MethodHandler {
 public:
  ReadingIfAdmitted(MethodHandler& handler, const Gatekeeper& gatekeeper,
                    UnfinishedRequests& unfinished, const MethodAccess& access)
      : handler_(handler), gatekeeper_(gatekeeper), unfinished_(unfinished), access_(access) {}

  void RunHandler(const HandlerParameter& call) override {
    if (gatekeeper_.WouldAdmit(*call.server_context, access_.role)) {
      Reading::Start(handler_, call, unfinished_, access_);
    } else {
      Handle(handler_, call, grpc_raw_byte_buffer_create(nullptr, 0));
    }
  }

 private:
  MethodHandler& handler_;
  const Gatekeeper& gatekeeper_;
  UnfinishedRequests& unfinished_;
  const MethodAccess access_;
};

// The handlers of a service are for those who derive from it.
struct HandlersOf : grpc::Service {
  static MethodHandler& Get(grpc::Service& service, int index) {
    MethodHandler* handler = (service.*&HandlersOf::GetHandler)(index);
    GPR_ASSERT(handler != nullptr);
    return *handler;
  }
};

}  // namespace

ServiceFront::ServiceFront(const char* name, grpc::Service& service, const Gatekeeper& gatekeeper,
                           UnfinishedRequests& unfinished) {
  const auto* descriptor =
      google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
  GPR_ASSERT(descriptor != nullptr);
  for (int i = 0; i < descriptor->method_count(); ++i) {
    const google::protobuf::MethodDescriptor& method = *descriptor->method(i);
    MethodHandler& handler = HandlersOf::Get(service, i);
    paths_.push_back(absl::StrCat("/", name, "/", method.name()));
    // To gRPC every method is a stream both ways, of which it reads nothing unasked.
    AddMethod(new grpc::internal::RpcServiceMethod(
        paths_.back().c_str(), grpc::internal::RpcMethod::BIDI_STREAMING, nullptr));
    GPR_ASSERT(!method.client_streaming());
    const MethodAccess access = AccessTo(method);
    MarkMethodCallback(i, new ReadingIfAdmitted(handler, gatekeeper, unfinished, access));
  }
}

}  // namespace firebreak::controller
