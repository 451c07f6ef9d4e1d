// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_EXIT_STATUS_H_
#define FIREBREAK_CLI_EXIT_STATUS_H_

#include "absl/status/status.h"

namespace firebreak::cli {

// What the program ends with: the same for one host and for a group, through the controller and
// with --local. Scripts rely on the numbers.
enum class ExitStatus : int {
  kDone = 0,
  kFailed = 1,       // not done, or not on every host that was asked or concerned
  kUsage = 2,        // wrong usage; nothing was sent
  kInvalid = 3,      // refused as invalid; nothing was changed
  kUnreachable = 4,  // the controller, or with --local the agent, is out of reach or forbids it
  kFound = 5,        // done, and found something: a plan that changes something
};

ExitStatus ExitStatusOf(const absl::Status& status);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_EXIT_STATUS_H_
