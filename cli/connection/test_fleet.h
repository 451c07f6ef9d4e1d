// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_CONNECTION_TEST_FLEET_H_
#define FIREBREAK_CLI_CONNECTION_TEST_FLEET_H_

#include <memory>
#include <string>

#include "cli/context/context.h"
#include "grpcpp/grpcpp.h"

namespace firebreak::cli {

// For tests: a fleet's CA with a controller's and an administrator's certificate, made by
// openssl(1), and a real server that uses them. Each fleet has a directory of its own, which is
// removed with it.
class TestFleet {
 public:
  // `tls_name` is the name in the controller's certificate.
  explicit TestFleet(const std::string& tls_name = "controller.firebreak");
  ~TestFleet();
  TestFleet(const TestFleet&) = delete;
  TestFleet& operator=(const TestFleet&) = delete;

  // Serves on a free port of the loopback interface until the fleet is destroyed; `service` must
  // outlive the fleet.
  void Serve(grpc::Service& service);

  // The context of an administrator of the controller at `controller`, by default the one that
  // Serve started.
  Context AdminContext(const std::string& controller = "") const;
  // Writes that context to a file and returns its path.
  std::string ContextFile() const;

  const std::string& address() const { return address_; }

 private:
  std::string Read(const std::string& name) const;

  std::string dir_;
  std::string address_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_CONNECTION_TEST_FLEET_H_
