// SPDX-License-Identifier: Apache-2.0
#include "controller/identity/host_methods.h"

#include <google/protobuf/stubs/logging.h>

#include "absl/strings/str_cat.h"
#include "proto/endpoint/endpoint.h"

namespace firebreak::controller {
namespace {

// grpc.health.v1.HealthCheckResponse with `status: SERVING`.
constexpr char kServing[] = "\x08\x01";

const google::protobuf::ServiceDescriptor& Describe(const std::string& service) {
  const auto* found =
      google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(service);
  GOOGLE_CHECK(found != nullptr) << service;
  return *found;
}

const google::protobuf::MethodDescriptor& Describe(const std::string& service,
                                                   const std::string& method) {
  const auto* found = Describe(service).FindMethodByName(method);
  GOOGLE_CHECK(found != nullptr) << service << " " << method;
  return *found;
}

// Reads the one request of a call and has it answered.
class UnaryHandler final : public CallHandler {
 public:
  using Serve =
      std::function<void(const Caller&, const std::string&, HostMethods::Answer<std::string>)>;

  UnaryHandler(std::shared_ptr<Call> call, Serve serve)
      : call_(std::move(call)), serve_(std::move(serve)) {}

  void Start(const MethodAccess& access) {
    call_->Read(access.max_request_bytes);
    call_->RunAfter(absl::ToChronoNanoseconds(access.max_request_time), [this] {
      if (!asked_) call_->Finish(absl::DeadlineExceededError("the request took too long"));
    });
  }

 private:
  void OnMessage(std::string message) override {
    asked_ = true;
    serve_(call_->caller(), message, [call = call_](absl::StatusOr<std::string> response) {
      if (response.ok()) call->Send(ToWire(*response));
      call->Finish(response.status());
    });
  }
  void OnEndOfMessages() override {
    call_->Finish(absl::InvalidArgumentError("the call has no request"));
  }
  void OnUnreadable(const absl::Status& reason) override { call_->Finish(reason); }

  const std::shared_ptr<Call> call_;
  const Serve serve_;
  bool asked_ = false;
};

}  // namespace

void HostMethods::Add(const google::protobuf::MethodDescriptor& method, Method begin) {
  methods_[absl::StrCat("/", method.service()->full_name(), "/", method.name())] =
      [this, role = AccessTo(method).role, action = ActionOf(method), begin = std::move(begin)](
          const std::shared_ptr<Call>& call) -> std::shared_ptr<CallHandler> {
    if (absl::Status refusal = gatekeeper_.Admit(call->caller(), role, action); !refusal.ok()) {
      call->Finish(std::move(refusal));
      return nullptr;
    }
    return begin(call);
  };
}

void HostMethods::AddStream(const std::string& service, const std::string& method, Method begin) {
  Add(Describe(service, method), std::move(begin));
}

void HostMethods::AddUnaryBytes(const std::string& service, const std::string& method,
                                ServeBytes serve) {
  const google::protobuf::MethodDescriptor& descriptor = Describe(service, method);
  Add(descriptor,
      [serve = std::move(serve), access = AccessTo(descriptor)](const std::shared_ptr<Call>& call) {
        auto handler = std::make_shared<UnaryHandler>(call, serve);
        handler->Start(access);
        return handler;
      });
}

void HostMethods::AddRefused(const std::string& service) {
  const google::protobuf::ServiceDescriptor& descriptor = Describe(service);
  for (int i = 0; i < descriptor.method_count(); ++i) {
    GOOGLE_CHECK(AccessTo(*descriptor.method(i)).role != Role::kHost) << service;
    Add(*descriptor.method(i), [](const std::shared_ptr<Call>&) { return nullptr; });
  }
}

void HostMethods::AddHealth() {
  methods_["/grpc.health.v1.Health/Check"] = [](const std::shared_ptr<Call>& call) {
    call->Send(ToWire(kServing));
    call->Finish(absl::OkStatus());
    return nullptr;
  };
}

}  // namespace firebreak::controller
