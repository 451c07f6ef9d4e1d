// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VERBS_LOG_POLICIES_H_
#define FIREBREAK_CLI_VERBS_LOG_POLICIES_H_

#include "absl/status/status.h"
#include "cli/verbs/invocation.h"
#include "cli/verbs/log_options.h"

namespace firebreak::cli {

// Must be called when no record was found. NotFound: a policy that was asked for does not exist, so
// its name is more likely misspelt than the question correct.
absl::Status CheckPolicies(Invocation& invocation, const LogOptions& options);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERBS_LOG_POLICIES_H_
