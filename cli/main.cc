// SPDX-License-Identifier: Apache-2.0
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "cli/command_line.h"
#include "cli/exit_status.h"
#include "cli/output/colour.h"
#include "cli/output/standard_output.h"
#include "cli/output/table.h"
#include "cli/report.h"
#include "cli/verbs/invocation.h"
#include "cli/verbs/print.h"
#include "proto/endpoint/endpoint.h"

namespace firebreak::cli {
namespace {

// Returns 0 if the descriptor is not a terminal; lines are not cut then.
size_t TerminalColumns(int descriptor) {
  winsize size = {};
  return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

ExitStatus Run(std::vector<std::string> arguments, StandardOutput& buffer, std::ostream& out) {
  CommandLine line;
  if (const std::optional<ExitStatus> done = line.Parse(std::move(arguments), out, std::cerr)) {
    return *done;
  }
  Table::LimitWidth(TerminalColumns(STDOUT_FILENO));
  const Console console = {
      .out = out,
      .err = std::cerr,
      .out_colours = TakesColours(STDOUT_FILENO),
      .err_terminal = isatty(STDERR_FILENO) != 0,
  };
  Invocation invocation(line.command().options, console);
  const absl::Status status = line.command().run(invocation);
  // With a data format, errors are printed as data too.
  const bool data = invocation.format() == Format::kJson || invocation.format() == Format::kYaml;
  if (!status.ok() && data && !buffer.used()) PrintData(invocation, ReportMessage(status));
  out.flush();
  if (!status.ok()) std::cerr << Report(status);
  return status.ok() ? invocation.exit_status() : ExitStatusOf(status);
}

}  // namespace
}  // namespace firebreak::cli

int main(int argc, char** argv) {
  using firebreak::cli::ExitStatus;
  firebreak::PrepareProcess();
  firebreak::cli::StandardOutput buffer(STDOUT_FILENO);
  std::ostream out(&buffer);
  ExitStatus status = firebreak::cli::Run({argv + 1, argv + argc}, buffer, out);
  out.flush();
  // A reader that closes the pipe has read enough, so the program ends silently, as others do.
  if (buffer.error() == EPIPE) {
    signal(SIGPIPE, SIG_DFL);
    raise(SIGPIPE);
  }
  // A script must be able to rely on the output having been written, so a failed write is an error.
  const bool done = status == ExitStatus::kDone || status == ExitStatus::kFound;
  if (buffer.error() != 0 && done) {
    std::cerr << "firebreak: the standard output cannot be written: " << strerror(buffer.error())
              << "\n";
    status = ExitStatus::kFailed;
  }
  return static_cast<int>(status);
}
