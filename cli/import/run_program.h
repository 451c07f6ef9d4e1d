// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_IMPORT_RUN_PROGRAM_H_
#define FIREBREAK_CLI_IMPORT_RUN_PROGRAM_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace firebreak::cli {

// Runs a program with the arguments and returns what it printed. It has one minute, and may print
// `limit` bytes. Its messages on standard error go into the status if it fails.
//
// NotFound: there is no such program.
absl::StatusOr<std::string> RunProgram(const std::vector<std::string>& command, size_t limit);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_IMPORT_RUN_PROGRAM_H_
