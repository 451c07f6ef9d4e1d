#ifndef FIREBREAK_CLI_VERBS_SESSION_H_
#define FIREBREAK_CLI_VERBS_SESSION_H_

#include <memory>
#include <ostream>
#include <string>

#include "absl/status/statusor.h"
#include "cli/connection/connection.h"
#include "cli/exit_status.h"
#include "cli/output/format.h"
#include "proto/endpoint/agent_socket.h"

namespace firebreak::cli {

// Where the program writes. The streams outlive it.
struct Console {
  std::ostream& out;
  std::ostream& err;
  bool out_colours = false;
  bool err_terminal = false;
};

// What every verb takes.
struct GlobalOptions {
  std::string context;  // path; empty: see ContextPath
  Format format = Format::kTable;
  bool local = false;  // ask this host's agent, at `socket`, not a controller
  std::string socket = kAgentSocketPath;
};

// One run of one verb. For one thread.
class Session {
 public:
  Session(const GlobalOptions& options, const Console& console)
      : options_(options), console_(console) {}
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Reads the context and connects, the first time; the connection lives as long as the session.
  // FailedPrecondition with --local.
  absl::StatusOr<Connection*> Connect();

  // The fleet's CA as the context has it, PEM.
  absl::StatusOr<std::string> CaCertificate() const;

  // One call of a connection made as needed.
  template <typename Method, typename Request>
  auto Call(Method method, const Request& request)
      -> decltype(static_cast<Connection*>(nullptr)->Call(method, request)) {
    absl::StatusOr<Connection*> connection = Connect();
    if (!connection.ok()) return connection.status();
    return (*connection)->Call(method, request);
  }

  // Verbs that can do without a controller ask the agent at this socket instead (cli/ask/ask.h).
  bool local() const { return options_.local; }
  const std::string& socket() const { return options_.socket; }

  // What the program ends with, though the verb was done.
  void EndWith(ExitStatus status) { exit_status_ = status; }
  ExitStatus exit_status() const { return exit_status_; }

  Format format() const { return options_.format; }
  bool colours() const { return console_.out_colours; }
  std::ostream& out() { return console_.out; }
  std::ostream& err() { return console_.err; }
  // Says on the standard error that the controller pushes nothing; nothing if `reason` is empty.
  void WarnStopped(const std::string& reason);
  bool err_terminal() const { return console_.err_terminal; }

 private:
  const GlobalOptions options_;
  const Console console_;
  std::unique_ptr<Connection> connection_;
  ExitStatus exit_status_ = ExitStatus::kDone;
};

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERBS_SESSION_H_
