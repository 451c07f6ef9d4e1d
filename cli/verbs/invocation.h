// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VERBS_INVOCATION_H_
#define FIREBREAK_CLI_VERBS_INVOCATION_H_

#include <memory>
#include <ostream>
#include <string>

#include "absl/status/statusor.h"
#include "cli/connection/connection.h"
#include "cli/exit_status.h"
#include "cli/output/format.h"
#include "proto/endpoint/agent_socket.h"

namespace firebreak::cli {

// The streams to which the program writes. They must outlive this object.
struct Console {
  std::ostream& out;
  std::ostream& err;
  bool out_colours = false;
  bool err_terminal = false;
};

// The options that every verb takes.
struct GlobalOptions {
  std::string context;  // a path; if empty, see ContextPath
  Format format = Format::kTable;
  bool local = false;  // asks this host's agent at `socket` instead of a controller
  std::string socket = kAgentSocketPath;
};

// One run of one verb. For one thread.
class Invocation {
 public:
  Invocation(const GlobalOptions& options, const Console& console)
      : options_(options), console_(console) {}
  Invocation(const Invocation&) = delete;
  Invocation& operator=(const Invocation&) = delete;

  // Returns the connection, which the first call makes from the context. The connection lives as
  // long as the invocation. FailedPrecondition with --local.
  absl::StatusOr<Connection*> Connect();

  // Returns the fleet's CA (PEM) from the context.
  absl::StatusOr<std::string> CaCertificate() const;

  // Makes one call, and connects before that if needed.
  template <typename Method, typename Request>
  auto Call(Method method, const Request& request)
      -> decltype(static_cast<Connection*>(nullptr)->Call(method, request)) {
    absl::StatusOr<Connection*> connection = Connect();
    if (!connection.ok()) return connection.status();
    return (*connection)->Call(method, request);
  }

  // With --local, verbs that can do without a controller ask the agent at this socket
  // (cli/ask/ask.h).
  bool local() const { return options_.local; }
  const std::string& socket() const { return options_.socket; }

  // Sets the exit status that the program has if the verb succeeds.
  void EndWith(ExitStatus status) { exit_status_ = status; }
  ExitStatus exit_status() const { return exit_status_; }

  Format format() const { return options_.format; }
  bool colours() const { return console_.out_colours; }
  std::ostream& out() { return console_.out; }
  std::ostream& err() { return console_.err; }
  // Says on the standard error why the controller pushes nothing; does nothing if `reason` is
  // empty.
  void WarnStopped(const std::string& reason);
  bool err_terminal() const { return console_.err_terminal; }

 private:
  const GlobalOptions options_;
  const Console console_;
  std::unique_ptr<Connection> connection_;
  ExitStatus exit_status_ = ExitStatus::kDone;
};

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERBS_INVOCATION_H_
