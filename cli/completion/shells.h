#ifndef FIREBREAK_CLI_COMPLETION_SHELLS_H_
#define FIREBREAK_CLI_COMPLETION_SHELLS_H_

#include <string>

#include "cli/completion/command_tree.h"

namespace firebreak::cli {

// Scripts that teach a shell the program's verbs, options, fixed values and files. They work on
// their own, without a completion library, and never run the program.
std::string BashCompletion(const CommandNode& root);
std::string ZshCompletion(const CommandNode& root);
std::string FishCompletion(const CommandNode& root);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_COMPLETION_SHELLS_H_
