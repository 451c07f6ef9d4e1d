// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_SERVER_H_
#define FIREBREAK_CONTROLLER_SERVER_H_

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/descriptor/descriptor.h"

namespace firebreak::controller {

// The gRPC server behind the front, with Firebreak's limits, health and reflection. It listens
// nowhere: connections are handed to it, and are administrators'.
class Server {
 public:
  // `others` gets the calls of methods that no service has. All must outlive the server.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const std::vector<grpc::Service*>& services,
                                                       grpc::CallbackGenericService& others);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Serves a connection: a stream socket that does not block. The name of its peer is what services
  // are told of the caller (ServerContextBase::peer). Any thread.
  void Serve(Descriptor connection);

  // Calls that have not ended by then are cancelled; returns when all have ended.
  void Stop(absl::Duration grace);

 private:
  Server() = default;

  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_SERVER_H_
