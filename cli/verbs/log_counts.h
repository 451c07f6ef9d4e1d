// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VERBS_LOG_COUNTS_H_
#define FIREBREAK_CLI_VERBS_LOG_COUNTS_H_

#include "cli/verbs/command.h"

namespace firebreak::cli {

// Adds the verbs `top` and `histogram` below `logs`.
void AddLogCountVerbs(Verb logs, Command& command);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERBS_LOG_COUNTS_H_
