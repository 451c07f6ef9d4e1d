#ifndef FIREBREAK_CLI_COMPLETION_COMMAND_TREE_H_
#define FIREBREAK_CLI_COMPLETION_COMMAND_TREE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace CLI {
class App;
}

namespace firebreak::cli {

// What may follow an option or stand as an argument.
struct ValueKind {
  bool taken = false;  // false: a flag
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

// A program, a group of verbs or a verb, as far as a shell needs to know it.
struct CommandNode {
  std::string name;
  std::string summary;
  std::vector<OptionNode> options;  // those of the program included
  ValueKind argument;               // the first positional one
  std::vector<CommandNode> children;
  bool runs = false;  // by itself, without one of them
};

// Reads the tree that CLI11 parses with, so that completion and parsing cannot differ. See
// cli/verbs/verb.h for what type names mean.
CommandNode ReadCommandTree(const CLI::App& root);

// The node and all below it, parents first, each with its path: "" for the root, "host list".
struct PathNode {
  std::string path;
  const CommandNode* node;
};
std::vector<PathNode> Flatten(const CommandNode& root);

// The first line of a description, without the full stop.
std::string Summary(absl::string_view description);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_COMPLETION_COMMAND_TREE_H_
