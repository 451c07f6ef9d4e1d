// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_RUN_RECOVERY_H_
#define FIREBREAK_CONTROLLER_RUN_RECOVERY_H_

#include "controller/command_line.h"

namespace firebreak::controller {

// Backs up or restores as the command line says, prints what was done, and returns the program's
// exit status.
int RunRecovery(const CommandLine& command_line);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_RUN_RECOVERY_H_
