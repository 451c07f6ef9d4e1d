// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_COMPLETION_SHELLS_H_
#define FIREBREAK_CLI_COMPLETION_SHELLS_H_

#include <string>

#include "cli/completion/command_tree.h"

namespace firebreak::cli {

// Scripts that complete the program's verbs, options, fixed values and files in a shell. They need
// no completion library and never run the program.
std::string BashCompletion(const CommandNode& root);
std::string ZshCompletion(const CommandNode& root);
std::string FishCompletion(const CommandNode& root);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_COMPLETION_SHELLS_H_
