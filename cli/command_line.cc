// SPDX-License-Identifier: Apache-2.0
#include "cli/command_line.h"

#include <algorithm>
#include <memory>

#include "CLI/CLI.hpp"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/text/escape.h"
#include "base/text/utf8.h"
#include "cli/help.h"
#include "cli/verbs/setup.h"
#include "cli/verbs/verb.h"
#include "proto/endpoint/agent_socket.h"
#include "proto/endpoint/version.h"

namespace firebreak::cli {
namespace {

constexpr char kDescription[] =
    "Control the firewall of a fleet of hosts.\n\n"
    "A Firebreak controller stores the policies of the fleet. An agent on each host enforces them "
    "and sends a receipt for what it reads back from the kernel. This program talks to the "
    "controller or, with --local, to the agent of this host. `firebreak VERB --help` describes a "
    "verb. `firebreak help policy` describes the fields of a policy.";

constexpr char kExamples[] =
    "firebreak token create --label role=web > token\n"
    "firebreak diff -f policy.yaml\n"
    "firebreak apply -f policy.yaml --wait\n"
    "firebreak host list";

Format ParseFormat(const std::string& text) {
  if (text == "table") return Format::kTable;
  if (text == "json") return Format::kJson;
  if (text == "yaml") return Format::kYaml;
  if (text == "w3c") return Format::kW3c;
  if (text == "csv") return Format::kCsv;
  if (text == "jsonl") return Format::kJsonLines;
  RefuseUsage("--output",
              absl::StrCat("'", Escape(text), "' is not table, json, yaml, w3c, csv or jsonl"));
}

// Returns the verb, or group of verbs, that the command line names.
const CLI::App& Deepest(const CLI::App& app, std::string& path) {
  const CLI::App* deepest = &app;
  path = app.get_name();
  while (!deepest->get_subcommands().empty()) {
    deepest = deepest->get_subcommands().front();
    absl::StrAppend(&path, " ", deepest->get_name());
  }
  return *deepest;
}

}  // namespace

CommandLine::CommandLine() : app_(std::make_unique<CLI::App>(kDescription, "firebreak")) {
  app_->formatter(std::make_shared<HelpFormatter>());
  app_->footer("");
  app_->set_help_flag("-h,--help", "print this page");
  // The verbs inherit this: options of every verb may come before or after the verb.
  app_->fallthrough();
  app_->require_subcommand(1);
  const Verb program(app_.get());
  AddSetupVerb(program, command_);
  AddTokenVerbs(program, command_);
  AddResourceVerbs(program, command_);
  AddPlanVerb(program, command_);
  AddImportVerb(program, command_);
  AddInvariantsVerb(program, command_);
  AddSuggestVerb(program, command_);
  AddHistoryVerbs(program, command_);
  AddRolloutVerbs(program, command_);
  AddHostVerbs(program, command_);
  AddQuestionVerbs(program, /*local=*/true, command_);
  AddRequestVerbs(program, /*local=*/true, command_);
  AddExplainVerb(program, command_);
  AddMappingVerbs(program, command_);
  AddSwitchVerbs(program, command_);
  AddOptionVerbs(program, command_);
  AddLocationVerbs(program, command_);
  AddLogVerbs(program, command_);
  AddAuditVerbs(program, command_);
  AddVersionVerb(program, command_);
  AddCompletionVerb(program, command_);
  AddHelpVerb(program, command_);
  app_->footer(kExamples);
  AddGlobalOptions();
}

CommandLine::~CommandLine() = default;

void CommandLine::AddGlobalOptions() {
  app_->set_version_flag("--version", absl::StrCat("firebreak ", kVersion),
                         "print this program's version");
  app_->add_option("--context", command_.options.context,
                   "the context file, which says how to reach the controller; see FILES in "
                   "`firebreak --help`")
      ->type_name("FILE");
  app_->add_flag("--local", command_.options.local,
                 "talk to the agent of this host instead of a controller");
  app_->add_option("--socket", command_.options.socket, "with --local: the socket of the agent")
      ->type_name("FILE")
      ->default_str(kAgentSocketPath);
  app_->add_option_function<std::string>(
          "-o,--output",
          [this](const std::string& text) { command_.options.format = ParseFormat(text); },
          "the output format; json is protobuf's JSON mapping, with an array for a list; w3c, csv "
          "and jsonl (one JSON object per line) are for logs only")
      ->type_name("table|json|yaml|w3c|csv|jsonl")
      ->default_str("table");
}

std::string CommandLine::ExplainUsage(const CLI::ParseError& error) const {
  std::string path;
  const CLI::App& deepest = Deepest(*app_, path);
  std::string reason = Escape(error.what());
  std::vector<std::string> verbs;
  for (const CLI::App* verb : deepest.get_subcommands({})) verbs.push_back(verb->get_name());
  if (!verbs.empty()) {
    const std::vector<std::string> extras = app_->remaining(/*recurse=*/true);
    const auto unknown = std::find_if(extras.begin(), extras.end(), [](const std::string& extra) {
      return !absl::StartsWith(extra, "-");
    });
    const bool missing = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
    const bool extra = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr;
    const bool verb = unknown != extras.end();
    if (verb && (missing || extra)) {
      reason = absl::StrCat("`", path, "` has no verb '", Escape(*unknown), "'");
    } else if (missing) {
      reason = absl::StrCat("`", path, "` needs a verb");
    }
    if (missing || (verb && extra)) {
      absl::StrAppend(&reason, verbs.size() == 1 ? "; the only verb is " : "; the verbs are ",
                      absl::StrJoin(verbs, ", "));
    }
  }
  return absl::StrCat("firebreak: ", reason, "\ntry `", path, " --help`\n");
}

std::optional<ExitStatus> CommandLine::Parse(std::vector<std::string> arguments, std::ostream& out,
                                             std::ostream& err) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    // protobuf's messages can carry no other bytes.
    if (FindInvalidUtf8(arguments[i]) != absl::string_view::npos) {
      err << "firebreak: argument " << i + 1 << " is not UTF-8 text: " << Escape(arguments[i])
          << "\n";
      return ExitStatus::kUsage;
    }
  }
  // CLI11 takes arguments in reverse order and reports errors by exceptions.
  std::reverse(arguments.begin(), arguments.end());
  try {
    app_->parse(std::move(arguments));
    if (command_.options.format >= Format::kW3c && !command_.takes_log_formats) {
      RefuseUsage("--output", "only the log can be printed as w3c, csv or jsonl");
    }
  } catch (const CLI::CallForHelp&) {
    out << app_->help();
    return ExitStatus::kDone;
  } catch (const CLI::CallForVersion& version) {
    out << version.what() << "\n";
    return ExitStatus::kDone;
  } catch (const CLI::ParseError& error) {
    err << ExplainUsage(error);
    return ExitStatus::kUsage;
  }
  return std::nullopt;
}

}  // namespace firebreak::cli
