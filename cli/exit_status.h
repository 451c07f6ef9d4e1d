#ifndef FIREBREAK_CLI_EXIT_STATUS_H_
#define FIREBREAK_CLI_EXIT_STATUS_H_

#include "absl/status/status.h"

namespace firebreak::cli {

// What the program ends with. Scripts rely on the numbers.
enum class ExitStatus : int {
  kDone = 0,
  kFailed = 1,
  kUsage = 2,        // wrong usage; nothing was sent
  kInvalid = 3,      // refused as invalid; nothing was changed
  kUnreachable = 4,  // the controller cannot be reached or does not permit it
};

ExitStatus ExitStatusOf(const absl::Status& status);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_EXIT_STATUS_H_
