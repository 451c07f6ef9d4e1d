// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_COMMAND_LINE_H_
#define FIREBREAK_CLI_COMMAND_LINE_H_

#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "cli/exit_status.h"
#include "cli/verbs/command.h"

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace firebreak::cli {

// The program's verbs and options, and the command that a command line asks for. Parses one command
// line.
class CommandLine {
 public:
  CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;
  ~CommandLine();

  // Parses `arguments`, which do not include the program's name. Returns nullopt if command() is to
  // be run. Otherwise everything is done: help was printed to `out`, or the reason of a refusal to
  // `err`.
  std::optional<ExitStatus> Parse(std::vector<std::string> arguments, std::ostream& out,
                                  std::ostream& err);

  const Command& command() const { return command_; }
  const CLI::App& app() const { return *app_; }

 private:
  void AddGlobalOptions();
  std::string ExplainUsage(const CLI::ParseError& error) const;

  Command command_;
  const std::unique_ptr<CLI::App> app_;
};

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_COMMAND_LINE_H_
