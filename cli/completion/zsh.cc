// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "cli/completion/shells.h"

namespace firebreak::cli {
namespace {

std::string Quote(absl::string_view text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "'\\''"}}), "'");
}

// Returns an item for _describe: "name:what it does".
std::string Item(absl::string_view name, absl::string_view summary) {
  return Quote(absl::StrCat(name, ":", summary));
}

std::string Complete(const ValueKind& value) {
  if (value.is_file) return "_files";
  if (value.choices.empty()) return ":";
  return absl::StrCat("compadd -- ", absl::StrJoin(value.choices, " "));
}

std::vector<std::string> Spellings(const OptionNode& option) {
  std::vector<std::string> spellings;
  if (!option.short_name.empty()) spellings.push_back("-" + option.short_name);
  if (!option.long_name.empty()) spellings.push_back("--" + option.long_name);
  return spellings;
}

}  // namespace

std::string ZshCompletion(const CommandNode& root) {
  std::vector<std::string> verbs;
  std::string values;
  std::string words;
  for (const PathNode& entry : Flatten(root)) {
    if (!entry.path.empty()) verbs.push_back(Quote(entry.path));
    std::vector<std::string> items;
    std::vector<std::string> options;
    for (const CommandNode& child : entry.node->children) {
      items.push_back(Item(child.name, child.summary));
    }
    for (const std::string& choice : entry.node->argument.choices) items.push_back(Quote(choice));
    for (const OptionNode& option : entry.node->options) {
      for (const std::string& spelling : Spellings(option)) {
        options.push_back(Item(spelling, option.summary));
        if (!option.value.taken) continue;
        absl::StrAppend(&values, "    ", Quote(absl::StrCat(entry.path, " ", spelling)), ") ",
                        Complete(option.value), "; return ;;\n");
      }
    }
    absl::StrAppend(&words, "    ", Quote(entry.path), ")\n      items=(",
                    absl::StrJoin(items, " "), ")\n      options=(", absl::StrJoin(options, " "),
                    ") ;;\n");
  }
  return absl::StrReplaceAll(
      R"(#compdef firebreak
# zsh completion for firebreak: made by `firebreak completion zsh`
_firebreak() {
  local verb='' i
  local -a items options
  for ((i = 2; i < CURRENT; i++)); do
    case "${verb:+$verb }${words[i]}" in
      @VERBS@) verb="${verb:+$verb }${words[i]}" ;;
    esac
  done
  case "$verb ${words[CURRENT-1]}" in
@VALUES@  esac
  case "$verb" in
@WORDS@  esac
  if [[ ${words[CURRENT]} == -* ]]; then
    _describe -o option options
  elif (( $#items )); then
    _describe verb items
  fi
}
compdef _firebreak firebreak
if [[ ${funcstack[1]} == _firebreak ]]; then _firebreak "$@"; fi
)",
      {{"@VERBS@", absl::StrJoin(verbs, "|")}, {"@VALUES@", values}, {"@WORDS@", words}});
}

}  // namespace firebreak::cli
