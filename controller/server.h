#ifndef FIREBREAK_CONTROLLER_SERVER_H_
#define FIREBREAK_CONTROLLER_SERVER_H_

#include <grpcpp/server.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "controller/identity/gatekeeper.h"

namespace firebreak::controller {

struct ServerOptions {
  std::string address;
  // PEM files, read again when they change.
  std::string key_file;
  std::string certificate_file;
  std::vector<grpc::Service*> services;
};

// Starts the gRPC server with Firebreak's limits, health and reflection. TLS asks the client for a
// certificate and proves that it holds the key; what the certificate is worth, the Gatekeeper
// decides. `port` gets the port. The services and the gatekeeper must outlive the server.
absl::StatusOr<std::unique_ptr<grpc::Server>> StartServer(const ServerOptions& options,
                                                          const Gatekeeper& gatekeeper, int& port);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_SERVER_H_
