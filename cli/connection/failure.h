// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_CONNECTION_FAILURE_H_
#define FIREBREAK_CLI_CONNECTION_FAILURE_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "firebreak/v1/admin.pb.h"
#include "grpcpp/support/status.h"

namespace firebreak::cli {

// Converts the status of a call to one that a user can read, with the same code. If the connection
// is at fault, the message names the controller at `address` and the next step. `answered`: the
// connection was established, so the status comes from the controller itself. Keeps the problems
// that an INVALID_ARGUMENT carries.
absl::Status FailureOf(const grpc::Status& status, absl::string_view address, bool answered);

// Returns InvalidArgument with these problems, for errors that this program finds itself.
absl::Status FailureWith(const v1::Problems& problems);

// Returns the problems that such a status carries; nullopt if it carries none.
std::optional<v1::Problems> ProblemsOf(const absl::Status& status);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_CONNECTION_FAILURE_H_
