#ifndef FIREBREAK_CLI_VERBS_COMMAND_H_
#define FIREBREAK_CLI_VERBS_COMMAND_H_

#include <functional>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "cli/verbs/session.h"

namespace firebreak::cli {

// What a command line asks for, filled in while CLI11 parses it.
struct Command {
  GlobalOptions options;
  std::function<absl::Status(Session&)> run;
  bool takes_w3c = false;
};

// Each adds its verbs to the program's tree and makes CLI11 set `command.run` when one is given;
// `command` outlives the parsing. A verb's description is a line for the list of verbs, an empty
// line, and a text for its page; the footer is its examples, one a line.
void AddTokenVerbs(CLI::App& root, Command& command);
void AddResourceVerbs(CLI::App& root, Command& command);  // apply, diff, get, delete
void AddHostVerbs(CLI::App& root, Command& command);
// What hosts can be asked: below `host`, or, `local`, at the root, for --local.
void AddQuestionVerbs(CLI::App& parent, bool local, Command& command);
void AddExplainVerb(CLI::App& root, Command& command);
void AddMappingVerbs(CLI::App& root, Command& command);
void AddSwitchVerbs(CLI::App& root, Command& command);  // enable, disable
void AddLocationVerbs(CLI::App& root, Command& command);
void AddLogVerbs(CLI::App& root, Command& command);
void AddHostLogsVerb(CLI::App& host, Command& command);  // below `host`
void AddAuditVerbs(CLI::App& root, Command& command);
void AddVersionVerb(CLI::App& root, Command& command);
void AddCompletionVerb(CLI::App& root, Command& command);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERBS_COMMAND_H_
