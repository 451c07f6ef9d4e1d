// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_TESTS_BENCH_SIMULATED_CONTROLLER_PROCESS_H_
#define FIREBREAK_TESTS_BENCH_SIMULATED_CONTROLLER_PROCESS_H_

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>

#include "firebreak/v1/admin.grpc.pb.h"

namespace firebreak::bench {

// A real controller in a directory of its own, with an administrator's connection to it.
class ControllerProcess {
 public:
  // `program` is the controller's path. It listens on 127.0.0.1:`port`. Its output goes to the file
  // "controller.log" in `directory`, which must exist.
  ControllerProcess(std::string program, std::string directory, int port);
  ~ControllerProcess();
  ControllerProcess(const ControllerProcess&) = delete;
  ControllerProcess& operator=(const ControllerProcess&) = delete;

  // Kills the controller with SIGKILL and starts it again.
  void Restart();

  const std::string& ca() const { return ca_; }
  std::string Token();
  // Applies the resources; returns the new revision when the controller has acknowledged it.
  uint64_t Apply(const std::string& yaml);
  // The same, in the waves of the strategy with this name.
  uint64_t ApplyInWaves(const std::string& yaml, const std::string& strategy);
  // Makes a revision with the resources of the one before the newest, for all hosts at once.
  uint64_t Undo();
  // Returns the newest rollout in waves.
  v1::StagedRollout Rollout();
  // Undoes the rollout: all hosts get their former revision back.
  void UndoRollout();
  // Returns how many hosts the controller lists.
  size_t ListHosts();
  // Asks each of so many hosts a question, several at a time, and waits for the answers.
  void AskAll(size_t hosts);

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
