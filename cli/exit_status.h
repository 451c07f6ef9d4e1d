// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_EXIT_STATUS_H_
#define FIREBREAK_CLI_EXIT_STATUS_H_

#include "absl/status/status.h"

namespace firebreak::cli {

// The program's exit status. It has the same meaning for one host and for a group, through a
// controller and with --local. Scripts rely on the numbers.
enum class ExitStatus : int {
  kDone = 0,
  kFailed = 1,       // not done, or not on every host concerned
  kUsage = 2,        // wrong usage; nothing was sent
  kInvalid = 3,      // refused as invalid; nothing was changed
  kUnreachable = 4,  // the controller (--local: the agent) cannot be reached or forbids it
  kFound = 5,        // done, and found something: a plan with changes
};

ExitStatus ExitStatusOf(const absl::Status& status);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_EXIT_STATUS_H_
