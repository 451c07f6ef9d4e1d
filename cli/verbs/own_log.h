// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VERBS_OWN_LOG_H_
#define FIREBREAK_CLI_VERBS_OWN_LOG_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "cli/verbs/invocation.h"
#include "cli/verbs/log_options.h"

namespace firebreak::cli {

// Shows the log that a host keeps itself or, with --local, the log of this host (`host` is empty
// then). If a host becomes unreachable while its log is followed, waits for the host.
absl::Status ShowOwnLog(Invocation& invocation, const std::string& host, const LogOptions& options,
                        absl::Duration timeout);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERBS_OWN_LOG_H_
