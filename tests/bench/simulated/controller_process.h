#ifndef FIREBREAK_TESTS_BENCH_SIMULATED_CONTROLLER_PROCESS_H_
#define FIREBREAK_TESTS_BENCH_SIMULATED_CONTROLLER_PROCESS_H_

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>

#include "firebreak/v1/admin.grpc.pb.h"

namespace firebreak::bench {

// A real controller in a directory of its own, and an administrator of it.
class ControllerProcess {
 public:
  // `program` is the controller's path. It listens on 127.0.0.1:`port`, and says what it says to
  // the file "controller.log" of `directory`, which exists.
  ControllerProcess(std::string program, std::string directory, int port);
  ~ControllerProcess();
  ControllerProcess(const ControllerProcess&) = delete;
  ControllerProcess& operator=(const ControllerProcess&) = delete;

  // kill -9, and starts it again.
  void Restart();

  const std::string& ca() const { return ca_; }
  std::string Token();
  // The revision that this makes; returns when the controller acknowledges it.
  uint64_t Apply(const std::string& yaml);
  // How many hosts it lists.
  size_t ListHosts();

  double Cpu() const;
  long Memory(const char* which) const;

 private:
  void Start();
  void LogIn();

  const std::string program_;
  const std::string directory_;
  const int port_;
  pid_t process_ = -1;
  std::string ca_;
  std::unique_ptr<v1::Admin::Stub> admin_;
};

}  // namespace firebreak::bench

#endif  // FIREBREAK_TESTS_BENCH_SIMULATED_CONTROLLER_PROCESS_H_
