// SPDX-License-Identifier: Apache-2.0
#include "cli/help.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/text/escape.h"
#include "cli/completion/command_tree.h"
#include "cli/output/page.h"

namespace firebreak::cli {
namespace {

constexpr absl::string_view kEnvironment =
    "FIREBREAK_CONTEXT names the context file if --context does not. NO_COLOR switches colours "
    "off. Output that does not go to a terminal has no colours.";

constexpr absl::string_view kFiles =
    "~/.config/firebreak/context.yaml is the context file if neither --context nor "
    "FIREBREAK_CONTEXT names another file. It is a YAML file with the keys controller (HOST:PORT), "
    "ca, certificate and key (PEM). The controller writes such a file for its administrator: "
    "admin.yaml in its data directory. A context file contains a private key, so it is refused if "
    "anybody but its owner can read it.";

constexpr std::pair<absl::string_view, absl::string_view> kExitStatus[] = {
    {"0", "done"},
    {"1",
     "failed: the controller or a host could not do what was asked or did not answer, the result "
     "is not what was asked for, an object does not exist, or a file cannot be read"},
    {"2", "wrong usage; nothing was sent"},
    {"3", "refused as invalid; nothing was changed"},
    {"4",
     "the controller (with --local: the agent of this host) cannot be reached or does not permit "
     "the command, or there is no usable context file"},
    {"5",
     "done, and the verb found what it looks for: `plan` a change, `invariants` an invariant that "
     "does not hold"},
};

bool IsPositional(const CLI::Option& option) {
  return option.get_snames().empty() && option.get_lnames().empty();
}

bool TakesValue(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

// Returns the option as a heading: "-f, --file FILE...".
std::string Term(const CLI::Option& option) {
  if (IsPositional(option)) return option.get_name(true);
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  std::string term = absl::StrJoin(names, ", ");
  if (TakesValue(option)) absl::StrAppend(&term, " ", option.get_type_name());
  return term;
}

std::string Meaning(const CLI::Option& option) {
  std::string meaning = option.get_description();
  const bool choices = option.get_type_name().find('|') != std::string::npos;
  if (IsPositional(option) && choices) {
    absl::StrAppend(&meaning, ": ",
                    absl::StrJoin(absl::StrSplit(option.get_type_name(), '|'), ", "));
  }
  if (!option.get_default_str().empty()) {
    absl::StrAppend(&meaning, " (default ", option.get_default_str(), ")");
  }
  return meaning;
}

// Returns the option as it appears in the synopsis.
std::string Usage(const CLI::Option& option) {
  std::string usage;
  if (IsPositional(option) || option.get_positional()) {
    usage = option.get_name(true);
  } else {
    usage = option.get_snames().empty() ? "--" + option.get_lnames().front()
                                        : "-" + option.get_snames().front();
    if (TakesValue(option)) absl::StrAppend(&usage, " ", option.get_type_name());
  }
  if (!option.get_required()) usage = absl::StrCat("[", usage, "]");
  if (option.get_expected_max() > 1) absl::StrAppend(&usage, "…");
  return usage;
}

std::string Synopsis(const CLI::App& app, const std::string& name) {
  std::string synopsis = name;
  for (const CLI::Option* option : app.get_options()) {
    if (option != app.get_help_ptr()) absl::StrAppend(&synopsis, " ", Usage(*option));
  }
  if (!app.get_subcommands({}).empty()) absl::StrAppend(&synopsis, " VERB …");
  return synopsis;
}

void AddVerbs(const CLI::App& app, Page& page) {
  std::vector<std::pair<std::string, std::string>> verbs;
  const CommandNode tree = ReadCommandTree(app);
  for (const PathNode& entry : Flatten(tree)) {
    if (!entry.path.empty() && entry.node->runs) {
      verbs.emplace_back(entry.path, entry.node->summary);
    }
  }
  if (verbs.empty()) return;
  page.Section("VERBS");
  page.Terms(verbs);
}

void AddOptions(const CLI::App& app, absl::string_view title, bool positional, Page& page) {
  std::vector<std::pair<std::string, std::string>> terms;
  for (const CLI::Option* option : app.get_options()) {
    if (IsPositional(*option) == positional) terms.emplace_back(Term(*option), Meaning(*option));
  }
  if (terms.empty()) return;
  page.Section(title);
  page.Terms(terms);
}

// Adds the options of the program that every verb takes.
void AddGlobalOptions(const CLI::App& root, Page& page) {
  std::vector<std::pair<std::string, std::string>> terms;
  for (const CLI::Option* option : root.get_options()) {
    const bool of_root_only =
        option == root.get_help_ptr() || option->get_lnames().front() == "version";
    if (!of_root_only) terms.emplace_back(Term(*option), Meaning(*option));
  }
  page.Section("OPTIONS OF EVERY VERB");
  page.Terms(terms);
}

}  // namespace

std::string HelpFormatter::make_help(const CLI::App* app, std::string name,
                                     CLI::AppFormatMode /*mode*/) const {
  const CLI::App* root = app;
  while (root->get_parent() != nullptr) root = root->get_parent();
  const std::string description = app->get_description();
  const size_t body = description.find("\n\n");
  std::string summary = Summary(description);
  if (!summary.empty()) summary[0] = absl::ascii_tolower(summary[0]);

  Page page;
  page.Section("NAME");
  page.Paragraph(absl::StrCat(name, " - ", summary));
  page.Section("SYNOPSIS");
  page.Paragraph(Synopsis(*app, name));
  if (body != std::string::npos) {
    page.Section("DESCRIPTION");
    page.Paragraphs(absl::string_view(description).substr(body + 2));
  }
  AddVerbs(*app, page);
  AddOptions(*app, "ARGUMENTS", /*positional=*/true, page);
  AddOptions(*app, "OPTIONS", /*positional=*/false, page);
  if (app != root) AddGlobalOptions(*root, page);
  if (app == root) {
    page.Section("ENVIRONMENT");
    page.Paragraph(kEnvironment);
    page.Section("FILES");
    page.Paragraph(kFiles);
  }
  page.Section("EXIT STATUS");
  page.Terms({std::begin(kExitStatus), std::end(kExitStatus)});
  if (!app->get_footer().empty()) {
    page.Section("EXAMPLES");
    for (absl::string_view line : absl::StrSplit(app->get_footer(), '\n')) page.Verbatim(line);
  }
  return std::move(page).Take();
}

}  // namespace firebreak::cli
