// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_COMMAND_LINE_H_
#define FIREBREAK_CONTROLLER_COMMAND_LINE_H_

#include <optional>
#include <string>

#include "controller/options.h"

namespace firebreak::controller {

// The task to be done with the data directory.
enum class Task { kServe, kBackUp, kRestore, kAcceptLoss };

// The result of parsing the arguments: the options, or, if there is nothing to run, the exit
// status: 0 after --help and --version, 2 for wrong usage, which has been explained on stderr.
struct CommandLine {
  std::optional<ControllerOptions> options;
  Task task = Task::kServe;
  std::string file;  // the path of the backup
  int exit_status = 0;
};

CommandLine ParseCommandLine(int argc, char** argv);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_COMMAND_LINE_H_
