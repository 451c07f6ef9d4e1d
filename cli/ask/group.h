// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_ASK_GROUP_H_
#define FIREBREAK_CLI_ASK_GROUP_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cli/verbs/invocation.h"
#include "firebreak/v1/host.pb.h"

namespace firebreak::cli {

// Asks all hosts of a group, several at a time. Calls `answered` on the calling thread for each
// host, with its whole answer or the reason why there is none, in the order in which the answers
// arrive. Hosts that are offline are not waited for. NotFound: no host is in the group.
absl::Status AskHostsOf(
    Invocation& invocation, const std::string& group, const v1::Question& question,
    absl::Duration timeout,
    absl::FunctionRef<void(const std::string& host, const absl::StatusOr<v1::Answer>& answer)>
        answered);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_ASK_GROUP_H_
