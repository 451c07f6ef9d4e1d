// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_IDENTITY_HOST_METHODS_H_
#define FIREBREAK_CONTROLLER_IDENTITY_HOST_METHODS_H_

#include <google/protobuf/descriptor.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "controller/front/http2/call.h"
#include "controller/identity/caller.h"
#include "controller/identity/gatekeeper.h"
#include "controller/identity/method_access.h"

namespace firebreak::controller {

// The methods that hosts may call on their connections to the front. It enforces what the proto
// says of each method (MethodAccess): nothing of a request is read before Gatekeeper has let the
// caller in, and then only within the method's limits of size and time.
//
// Not thread-safe; methods() is to be used once all methods are added. `gatekeeper` must outlive
// the methods.
class HostMethods {
 public:
  // Answers a call, sooner or later, on any thread.
  template <typename Response>
  using Answer = std::function<void(absl::StatusOr<Response>)>;

  explicit HostMethods(const Gatekeeper& gatekeeper) : gatekeeper_(gatekeeper) {}

  // A call with one request and one response. `service` is a full name, such as
  // v1::Fleet::service_full_name().
  template <typename Request, typename Response>
  void AddUnary(const std::string& service, const std::string& method,
                std::function<void(const Caller&, const Request&, Answer<Response>)> serve) {
    AddUnaryBytes(service, method,
                  [serve = std::move(serve)](const Caller& caller, const std::string& bytes,
                                             Answer<std::string> answer) {
                    Request request;
                    if (!request.ParseFromString(bytes)) {
                      return answer(absl::InvalidArgumentError("the request cannot be read"));
                    }
                    serve(caller, request,
                          [answer = std::move(answer)](absl::StatusOr<Response> response) {
                            if (!response.ok()) return answer(response.status());
                            answer(response->SerializeAsString());
                          });
                  });
  }

  // A call with messages both ways; `begin` makes its handler.
  void AddStream(const std::string& service, const std::string& method, Method begin);

  // All methods of a service that is not for hosts: they are refused, on record.
  void AddRefused(const std::string& service);

  // grpc.health.v1.Health/Check: whoever gets an answer may take it that all is well.
  void AddHealth();

  const Methods& methods() const { return methods_; }

 private:
  using ServeBytes =
      std::function<void(const Caller&, const std::string& request, Answer<std::string>)>;

  void AddUnaryBytes(const std::string& service, const std::string& method, ServeBytes serve);
  // Adds `begin` behind the gatekeeper.
  void Add(const google::protobuf::MethodDescriptor& method, Method begin);

  const Gatekeeper& gatekeeper_;
  Methods methods_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_IDENTITY_HOST_METHODS_H_
