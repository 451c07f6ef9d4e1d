// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_COMPLETION_COMMAND_TREE_H_
#define FIREBREAK_CLI_COMPLETION_COMMAND_TREE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace CLI {
class App;
}

namespace firebreak::cli {

// The kind of value that an option takes, or that an argument is.
struct ValueKind {
  bool taken = false;  // false: the option is a flag
  bool is_file = false;
  std::vector<std::string> choices;  // empty: anything

  friend bool operator==(const ValueKind&, const ValueKind&) = default;
};

struct OptionNode {
  std::string short_name;  // without dashes; may be empty
  std::string long_name;   // without dashes; may be empty
  std::string summary;
  ValueKind value;
};

// A program, a group of verbs or a verb, with everything that a shell needs to know about it.
struct CommandNode {
  std::string name;
  std::string summary;
  std::vector<OptionNode> options;  // including the program's own options
  ValueKind argument;               // the first positional argument
  std::vector<CommandNode> children;
  bool runs = false;  // can run by itself, without one of the children
};

// Reads the command tree from CLI11, which also parses the arguments, so that completion and
// parsing cannot differ. See cli/verbs/verb.h for the meaning of type names.
CommandNode ReadCommandTree(const CLI::App& root);

// The node and all nodes below it, parents first, each with its path: "" for the root, or for
// example "host list".
struct PathNode {
  std::string path;
  const CommandNode* node;
};
std::vector<PathNode> Flatten(const CommandNode& root);

// The first line of a description, without its full stop.
std::string Summary(absl::string_view description);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_COMPLETION_COMMAND_TREE_H_
