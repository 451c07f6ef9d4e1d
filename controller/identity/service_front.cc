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

constexpr char kForStrangers[] = "firebreak.v1.Enrolment.Enrol";

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
  // `strangers` is null for a caller who is known.
  static void Start(MethodHandler& handler, const MethodHandler::HandlerParameter& call,
                    StrangersMessages* strangers) {
    auto* reading = new Reading(handler, call, strangers);
    if (strangers != nullptr) strangers->Begin(call.call->call());
    grpc_op read = {};
    read.op = GRPC_OP_RECV_MESSAGE;
    read.data.recv_message.recv_message = &reading->message_;
    grpc_completion_queue_functor* done = reading;
    const grpc_call_error error = grpc_call_start_batch(call.call->call(), &read, 1, done, nullptr);
    GPR_ASSERT(error == GRPC_CALL_OK);
  }

 private:
  Reading(MethodHandler& handler, const MethodHandler::HandlerParameter& call,
          StrangersMessages* strangers)
      : grpc_completion_queue_functor{&Reading::Done, 0, 0, nullptr},
        handler_(handler),
        call_(call),
        strangers_(strangers) {}

  static void Done(grpc_completion_queue_functor* functor, int) {
    const std::unique_ptr<Reading> reading(static_cast<Reading*>(functor));
    if (reading->strangers_ != nullptr) reading->EndStrangers();
    // Null if the caller has gone: the handler ends the call.
    Handle(reading->handler_, reading->call_, reading->message_);
  }

  void EndStrangers() {
    grpc_call* call = call_.call->call();
    strangers_->End(call);
    if (message_ == nullptr || grpc_byte_buffer_length(message_) <= StrangersMessages::kMaxBytes) {
      return;
    }
    grpc_byte_buffer_destroy(message_);
    message_ = nullptr;
    grpc_call_cancel_with_status(call, GRPC_STATUS_RESOURCE_EXHAUSTED, "the request is too long",
                                 nullptr);
  }

  MethodHandler& handler_;
  const MethodHandler::HandlerParameter call_;
  StrangersMessages* const strangers_;
  grpc_byte_buffer* message_ = nullptr;
};

class ReadingIfKnown final : public MethodHandler {
 public:
  ReadingIfKnown(MethodHandler& handler, const Gatekeeper& gatekeeper)
      : handler_(handler), gatekeeper_(gatekeeper) {}

  void RunHandler(const HandlerParameter& call) override {
    if (gatekeeper_.Knows(*call.server_context->auth_context())) {
      Reading::Start(handler_, call, nullptr);
    } else {
      Handle(handler_, call, grpc_raw_byte_buffer_create(nullptr, 0));
    }
  }

 private:
  MethodHandler& handler_;
  const Gatekeeper& gatekeeper_;
};

class ReadingFromStrangers final : public MethodHandler {
 public:
  ReadingFromStrangers(MethodHandler& handler, StrangersMessages& strangers)
      : handler_(handler), strangers_(strangers) {}

  void RunHandler(const HandlerParameter& call) override {
    Reading::Start(handler_, call, &strangers_);
  }

 private:
  MethodHandler& handler_;
  StrangersMessages& strangers_;
};

// A client's stream: its handler asks for messages itself.
class PassingOn final : public MethodHandler {
 public:
  explicit PassingOn(MethodHandler& handler) : handler_(handler) {}
  void RunHandler(const HandlerParameter& call) override { handler_.RunHandler(call); }

 private:
  MethodHandler& handler_;
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
                           StrangersMessages& strangers) {
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
    if (method.client_streaming()) {
      MarkMethodCallback(i, new PassingOn(handler));
    } else if (method.full_name() == kForStrangers) {
      MarkMethodCallback(i, new ReadingFromStrangers(handler, strangers));
    } else {
      MarkMethodCallback(i, new ReadingIfKnown(handler, gatekeeper));
    }
  }
}

}  // namespace firebreak::controller
