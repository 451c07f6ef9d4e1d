#ifndef FIREBREAK_CLI_CONNECTION_TEST_FLEET_H_
#define FIREBREAK_CLI_CONNECTION_TEST_FLEET_H_

#include <memory>
#include <string>

#include "cli/context/context.h"
#include "grpcpp/grpcpp.h"

namespace firebreak::cli {

// For tests: a fleet's CA with a controller's and an administrator's certificate, made by
// openssl(1), and a real server behind them. One directory a fleet, removed with it.
class TestFleet {
 public:
  // `tls_name` is what the controller's certificate is for.
  explicit TestFleet(const std::string& tls_name = "controller.firebreak");
  ~TestFleet();
  TestFleet(const TestFleet&) = delete;
  TestFleet& operator=(const TestFleet&) = delete;

  // Serves on a free port of the loopback interface until the fleet goes; `service` lives longer.
  void Serve(grpc::Service& service);

  // The administrator's way to `controller`, by default the one that Serve started.
  Context AdminContext(const std::string& controller = "") const;
  // The same as a file; its path.
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
