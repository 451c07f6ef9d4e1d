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
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"'", "\\'"}}), "'");
}

std::string OptionLine(const std::string& begin, const OptionNode& option) {
  std::string line = begin;
  if (!option.short_name.empty()) absl::StrAppend(&line, " -s ", option.short_name);
  if (!option.long_name.empty()) absl::StrAppend(&line, " -l ", option.long_name);
  if (option.value.taken) absl::StrAppend(&line, " -r");
  if (option.value.is_file) absl::StrAppend(&line, " -F");
  if (!option.value.choices.empty()) {
    absl::StrAppend(&line, " -a ", Quote(absl::StrJoin(option.value.choices, " ")));
  }
  return absl::StrCat(line, " -d ", Quote(option.summary), "\n");
}

}  // namespace

std::string FishCompletion(const CommandNode& root) {
  std::vector<std::string> verbs;
  std::string lines;
  for (const PathNode& entry : Flatten(root)) {
    if (!entry.path.empty()) verbs.push_back(Quote(entry.path));
    const std::string begin = absl::StrCat(
        "complete -c firebreak -n ", Quote(absl::StrCat("__firebreak_at \"", entry.path, "\"")));
    for (const CommandNode& child : entry.node->children) {
      absl::StrAppend(&lines, begin, " -a ", child.name, " -d ", Quote(child.summary), "\n");
    }
    if (!entry.node->argument.choices.empty()) {
      absl::StrAppend(&lines, begin, " -a ",
                      Quote(absl::StrJoin(entry.node->argument.choices, " ")), "\n");
    }
    for (const OptionNode& option : entry.node->options) {
      absl::StrAppend(&lines, OptionLine(begin, option));
    }
  }
  return absl::StrReplaceAll(R"(# fish completion for firebreak: made by `firebreak completion fish`
function __firebreak_at
  set -l verb ''
  for word in (commandline -opc)[2..-1]
    switch (string trim -- "$verb $word")
      case @VERBS@
        set verb (string trim -- "$verb $word")
    end
  end
  test "$verb" = "$argv[1]"
end
complete -c firebreak -f
@LINES@)",
                             {{"@VERBS@", absl::StrJoin(verbs, " ")}, {"@LINES@", lines}});
}

}  // namespace firebreak::cli
