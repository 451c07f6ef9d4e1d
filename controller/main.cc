// SPDX-License-Identifier: Apache-2.0
#include <signal.h>

#include "base/log/log.h"
#include "controller/command_line.h"
#include "controller/controller.h"
#include "controller/grpc_log.h"
#include "controller/run_recovery.h"
#include "proto/endpoint/endpoint.h"

int main(int argc, char** argv) {
  firebreak::PrepareProcess();
  const auto command_line = firebreak::controller::ParseCommandLine(argc, argv);
  if (!command_line.options.has_value()) return command_line.exit_status;

  // The signals are blocked before threads exist, which inherit the mask; sigwait below takes them.
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);

  if (command_line.task != firebreak::controller::Task::kServe) {
    return firebreak::controller::RunRecovery(command_line);
  }
  firebreak::controller::LogGrpcHere();
  auto controller = firebreak::controller::Controller::Start(*command_line.options);
  if (!controller.ok()) {
    firebreak::LogError(controller.status().message());
    return 1;
  }
  int signal_number = 0;
  sigwait(&ends, &signal_number);
  firebreak::LogInfo("ended by ", signal_number == SIGTERM ? "SIGTERM" : "SIGINT");
  // A second signal ends the program at once.
  pthread_sigmask(SIG_UNBLOCK, &ends, nullptr);
  controller->reset();
  return 0;
}
