// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_ASK_LOCAL_SOCKET_H_
#define FIREBREAK_CLI_ASK_LOCAL_SOCKET_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "firebreak/v1/host.pb.h"

namespace firebreak::cli {

// Asks the agent of this host at its socket, and calls `part` for each part of the answer until the
// last one, an error of `part`, or `timeout` without a part. Unavailable: no agent listens at the
// path. PermissionDenied: this user may not ask the agent. Aborted: the agent refuses to answer and
// says why.
absl::Status AskLocal(const std::string& path, v1::Question question, absl::Duration timeout,
                      absl::FunctionRef<absl::Status(const v1::Answer&)> part);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_ASK_LOCAL_SOCKET_H_
