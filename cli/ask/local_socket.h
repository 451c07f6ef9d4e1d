#ifndef FIREBREAK_CLI_ASK_LOCAL_SOCKET_H_
#define FIREBREAK_CLI_ASK_LOCAL_SOCKET_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "firebreak/v1/host.pb.h"

namespace firebreak::cli {

// Asks the agent of this host at its socket and calls `part` for each part of the answer, until the
// last, an error of `part`, or `timeout` without a part. Unavailable: no agent listens there.
// PermissionDenied: it does not listen to this user. Aborted: it says why there is no answer.
absl::Status AskLocal(const std::string& path, v1::Question question, absl::Duration timeout,
                      absl::FunctionRef<absl::Status(const v1::Answer&)> part);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_ASK_LOCAL_SOCKET_H_
