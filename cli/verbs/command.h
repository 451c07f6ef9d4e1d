// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VERBS_COMMAND_H_
#define FIREBREAK_CLI_VERBS_COMMAND_H_

#include <functional>

#include "absl/status/status.h"
#include "cli/verbs/invocation.h"
#include "cli/verbs/verb.h"

namespace firebreak::cli {

// The command that a command line asks for, filled in while the line is parsed.
struct Command {
  GlobalOptions options;
  std::function<absl::Status(Invocation&)> run;
  bool takes_log_formats = false;
};

// Each function adds its verbs to the program's tree. Parsing a command line with such a verb sets
// `command.run`. `command` must outlive the parsing.
void AddTokenVerbs(Verb root, Command& command);
void AddResourceVerbs(Verb root, Command& command);  // apply, diff, get, delete
void AddPlanVerb(Verb root, Command& command);
void AddImportVerb(Verb root, Command& command);
void AddInvariantsVerb(Verb root, Command& command);
void AddSuggestVerb(Verb root, Command& command);
void AddHistoryVerbs(Verb root, Command& command);  // revisions, revision, undo
void AddRolloutVerbs(Verb root, Command& command);
void AddHostVerbs(Verb root, Command& command);
// Adds the questions that hosts answer, below `host` or, with `local`, at the root for --local.
void AddQuestionVerbs(Verb parent, bool local, Command& command);
// Adds requests, grant and refuse, below `host` or, with `local`, at the root for --local.
void AddRequestVerbs(Verb parent, bool local, Command& command);
void AddExplainVerb(Verb root, Command& command);
void AddMappingVerbs(Verb root, Command& command);
void AddSwitchVerbs(Verb root, Command& command);  // enable, disable
void AddOptionVerbs(Verb root, Command& command);  // ICMP and the log of this host, for --local
void AddLocationVerbs(Verb root, Command& command);
void AddLogVerbs(Verb root, Command& command);
void AddHostLogsVerb(Verb host, Command& command);  // below `host`
void AddAuditVerbs(Verb root, Command& command);
void AddVersionVerb(Verb root, Command& command);
void AddCompletionVerb(Verb root, Command& command);
void AddHelpVerb(Verb root, Command& command);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERBS_COMMAND_H_
