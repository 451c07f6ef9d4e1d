// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VERBS_SETUP_H_
#define FIREBREAK_CLI_VERBS_SETUP_H_

#include "cli/verbs/command.h"
#include "cli/verbs/verb.h"

namespace firebreak::cli {

// Adds the verb `setup`, which makes a host's first policy.
void AddSetupVerb(Verb root, Command& command);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERBS_SETUP_H_
