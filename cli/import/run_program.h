// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_IMPORT_RUN_PROGRAM_H_
#define FIREBREAK_CLI_IMPORT_RUN_PROGRAM_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace firebreak::cli {

// Runs a program with these arguments and returns what it prints. The program may run for a minute
// and print `limit` bytes. If it fails, its messages on standard error go into the status.
//
// Returns NotFound if there is no such program.
absl::StatusOr<std::string> RunProgram(const std::vector<std::string>& command, size_t limit);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_IMPORT_RUN_PROGRAM_H_
