#include <unistd.h>

#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "cli/command_line.h"
#include "cli/exit_status.h"
#include "cli/output/colour.h"
#include "cli/report.h"
#include "cli/verbs/session.h"
#include "proto/endpoint/endpoint.h"

namespace firebreak::cli {
namespace {

ExitStatus Run(std::vector<std::string> arguments) {
  CommandLine line;
  if (const std::optional<ExitStatus> done =
          line.Parse(std::move(arguments), std::cout, std::cerr)) {
    return *done;
  }
  const Console console = {
      .out = std::cout,
      .err = std::cerr,
      .out_colours = TakesColours(STDOUT_FILENO),
      .err_terminal = isatty(STDERR_FILENO) != 0,
  };
  Session session(line.command().options, console);
  const absl::Status status = line.command().run(session);
  std::cout.flush();
  if (!status.ok()) std::cerr << Report(status);
  return ExitStatusOf(status);
}

}  // namespace
}  // namespace firebreak::cli

int main(int argc, char** argv) {
  firebreak::PrepareProcess();
  auto status = firebreak::cli::Run({argv + 1, argv + argc});
  // What a script believes to have been written must have been.
  std::cout.flush();
  if (!std::cout && status == firebreak::cli::ExitStatus::kDone) {
    std::cerr << "firebreak: the standard output cannot be written\n";
    status = firebreak::cli::ExitStatus::kFailed;
  }
  return static_cast<int>(status);
}
