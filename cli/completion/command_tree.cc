// SPDX-License-Identifier: Apache-2.0
#include "cli/completion/command_tree.h"

#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace firebreak::cli {
namespace {

ValueKind ReadValue(const CLI::Option& option) {
  ValueKind value;
  value.taken = option.get_items_expected_max() > 0;
  if (!value.taken) return value;
  const std::string type = option.get_type_name();
  value.is_file = type == "FILE";
  if (absl::StrContains(type, '|')) value.choices = absl::StrSplit(type, '|');
  return value;
}

void ReadOptions(const CLI::App& app, CommandNode& node) {
  for (const CLI::Option* option : app.get_options()) {
    OptionNode read;
    if (!option->get_snames().empty()) read.short_name = option->get_snames().front();
    if (!option->get_lnames().empty()) read.long_name = option->get_lnames().front();
    read.summary = option->get_description();
    read.value = ReadValue(*option);
    if (!read.short_name.empty() || !read.long_name.empty()) {
      node.options.push_back(std::move(read));
    } else if (!node.argument.taken) {
      node.argument = read.value;
    }
  }
}

CommandNode Read(const CLI::App& app, const CLI::App* root) {
  CommandNode node;
  node.name = app.get_name();
  node.summary = Summary(app.get_description());
  node.runs = app.get_require_subcommand_min() == 0;
  ReadOptions(app, node);
  if (root != nullptr) {
    CommandNode inherited;
    ReadOptions(*root, inherited);
    for (OptionNode& option : inherited.options) {
      if (option.long_name != "help" && option.long_name != "version") {
        node.options.push_back(std::move(option));
      }
    }
  }
  for (const CLI::App* child : app.get_subcommands({})) {
    node.children.push_back(Read(*child, root == nullptr ? &app : root));
  }
  return node;
}

void FlattenInto(const CommandNode& node, const std::string& path, std::vector<PathNode>& out) {
  out.push_back({path, &node});
  for (const CommandNode& child : node.children) {
    FlattenInto(child, path.empty() ? child.name : absl::StrCat(path, " ", child.name), out);
  }
}

}  // namespace

std::string Summary(absl::string_view description) {
  absl::string_view line = description.substr(0, description.find('\n'));
  if (absl::EndsWith(line, ".")) line.remove_suffix(1);
  return std::string(line);
}

CommandNode ReadCommandTree(const CLI::App& root) { return Read(root, nullptr); }

std::vector<PathNode> Flatten(const CommandNode& root) {
  std::vector<PathNode> nodes;
  FlattenInto(root, "", nodes);
  return nodes;
}

}  // namespace firebreak::cli
