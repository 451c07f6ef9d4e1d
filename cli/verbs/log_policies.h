// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VERBS_LOG_POLICIES_H_
#define FIREBREAK_CLI_VERBS_LOG_POLICIES_H_

#include "absl/status/status.h"
#include "cli/verbs/log_options.h"
#include "cli/verbs/session.h"

namespace firebreak::cli {

// Must be called when no record was found. NotFound: a policy that was asked for does not exist, so
// its name is more likely misspelt than the question correct.
absl::Status CheckPolicies(Session& session, const LogOptions& options);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERBS_LOG_POLICIES_H_
