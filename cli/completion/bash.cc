// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "cli/completion/shells.h"

namespace firebreak::cli {
namespace {

std::vector<std::string> Spellings(const OptionNode& option) {
  std::vector<std::string> spellings;
  if (!option.short_name.empty()) spellings.push_back("-" + option.short_name);
  if (!option.long_name.empty()) spellings.push_back("--" + option.long_name);
  return spellings;
}

// Returns the bash command that completes a value.
std::string Complete(const ValueKind& value) {
  if (value.is_file)
    return "compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")";
  if (value.choices.empty()) return ":";
  return absl::StrCat("mapfile -t COMPREPLY < <(compgen -W '", absl::StrJoin(value.choices, " "),
                      "' -- \"$cur\")");
}

}  // namespace

std::string BashCompletion(const CommandNode& root) {
  std::vector<std::string> verbs;  // patterns that match verbs
  std::string values;
  std::string words;
  for (const PathNode& entry : Flatten(root)) {
    if (!entry.path.empty()) verbs.push_back(absl::StrCat("'", entry.path, "'"));
    std::vector<std::string> all;
    for (const CommandNode& child : entry.node->children) all.push_back(child.name);
    for (const OptionNode& option : entry.node->options) {
      const std::vector<std::string> spellings = Spellings(option);
      all.insert(all.end(), spellings.begin(), spellings.end());
      if (!option.value.taken) continue;
      for (const std::string& spelling : spellings) {
        absl::StrAppend(&values, "    '", entry.path, " ", spelling, "') ", Complete(option.value),
                        "; return ;;\n");
      }
    }
    const std::vector<std::string>& choices = entry.node->argument.choices;
    all.insert(all.end(), choices.begin(), choices.end());
    absl::StrAppend(&words, "    '", entry.path, "') words='", absl::StrJoin(all, " "), "' ;;\n");
  }
  return absl::StrReplaceAll(
      R"(# bash completion for firebreak: made by `firebreak completion bash`
_firebreak() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} verb='' words='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "${verb:+$verb }${COMP_WORDS[i]}" in
      @VERBS@) verb="${verb:+$verb }${COMP_WORDS[i]}" ;;
    esac
  done
  COMPREPLY=()
  case "$verb $prev" in
@VALUES@  esac
  case "$verb" in
@WORDS@  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}
complete -F _firebreak firebreak
)",
      {{"@VERBS@", absl::StrJoin(verbs, "|")}, {"@VALUES@", values}, {"@WORDS@", words}});
}

}  // namespace firebreak::cli
