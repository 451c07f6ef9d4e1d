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

// The program's verbs and options, and what one command line makes of them. Parses one line.
class CommandLine {
 public:
  CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;
  ~CommandLine();

  // `arguments` without the program's name. Nothing: command() is to be run. Else all is done, help
  // having gone to `out` or the reason of a refusal to `err`.
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
