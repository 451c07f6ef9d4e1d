#ifndef FIREBREAK_CLI_CONNECTION_FAILURE_H_
#define FIREBREAK_CLI_CONNECTION_FAILURE_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "firebreak/v1/admin.pb.h"
#include "grpcpp/support/status.h"

namespace firebreak::cli {

// A call's outcome as a user is to read it: same code; the message names the controller at
// `address` where the way to it is at fault, and the next step. `answered`: the connection stood,
// so that the controller itself must have said so. Keeps the problems of an INVALID_ARGUMENT.
absl::Status FailureOf(const grpc::Status& status, absl::string_view address, bool answered);

// InvalidArgument that carries the problems, for what this program itself finds wrong.
absl::Status FailureWith(const v1::Problems& problems);

// The problems that such a status carries; nullopt if it carries none.
std::optional<v1::Problems> ProblemsOf(const absl::Status& status);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_CONNECTION_FAILURE_H_
