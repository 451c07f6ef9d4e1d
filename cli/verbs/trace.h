// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VERBS_TRACE_H_
#define FIREBREAK_CLI_VERBS_TRACE_H_

#include "cli/verbs/command.h"
#include "cli/verbs/question.h"

namespace firebreak::cli {

// Adds `trace`, one of the questions that hosts answer.
void AddTraceVerb(Verb parent, Scope scope, Command& command);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERBS_TRACE_H_
