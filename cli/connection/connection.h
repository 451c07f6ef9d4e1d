// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_CONNECTION_CONNECTION_H_
#define FIREBREAK_CLI_CONNECTION_CONNECTION_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "cli/context/context.h"
#include "firebreak/v1/admin.grpc.pb.h"
#include "grpcpp/grpcpp.h"

namespace firebreak::cli {

// A mutually authenticated connection to one controller. FailureOf makes the errors. Not
// thread-safe.
class Connection {
 public:
  // Connects within kConnectTimeout; returns at once if the controller refuses.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(Context context);

  // Makes a call with one request and one response.
  template <typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (v1::Admin::Stub::*method)(grpc::ClientContext*,
                                                                        const Request&, Response*),
                                const Request& request) {
    grpc::ClientContext call;
    call.set_deadline(absl::ToChronoTime(absl::Now() + kCallTimeout));
    Response response;
    const grpc::Status status = (stub_.get()->*method)(&call, request, &response);
    if (!status.ok()) return Failure(status);
    return response;
  }

  // Whether the controller could be reached when the connection was opened. If not, the first call
  // fails at once and says why.
  bool reached() const { return reached_; }

  // Whether the controller can still be reached.
  bool answers() const {
    return channel_->GetState(/*try_to_connect=*/false) == GRPC_CHANNEL_READY;
  }

  // The stub, for calls that stream.
  v1::Admin::Stub& admin() { return *stub_; }
  absl::Status Failure(const grpc::Status& status) const;

 private:
  static constexpr absl::Duration kConnectTimeout = absl::Seconds(5);
  // Leaves time for a large apply on a busy controller, which takes seconds.
  static constexpr absl::Duration kCallTimeout = absl::Seconds(60);

  Connection(std::string address, std::shared_ptr<grpc::Channel> channel);

  const std::string address_;
  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<v1::Admin::Stub> stub_;
  bool reached_ = false;
};

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_CONNECTION_CONNECTION_H_
