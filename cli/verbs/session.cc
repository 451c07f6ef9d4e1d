#include "cli/verbs/session.h"

#include <utility>

#include "cli/context/context.h"

namespace firebreak::cli {

absl::StatusOr<Connection*> Session::Connect() {
  if (options_.local) {
    return absl::FailedPreconditionError(
        "--local: this needs the controller; `firebreak --help` tells what a host answers by "
        "itself");
  }
  if (connection_ != nullptr) return connection_.get();
  absl::StatusOr<Context> context = ReadContext(ContextPath(options_.context));
  if (!context.ok()) return context.status();
  absl::StatusOr<std::unique_ptr<Connection>> connection = Connection::Open(*std::move(context));
  if (!connection.ok()) return connection.status();
  connection_ = *std::move(connection);
  return connection_.get();
}

absl::StatusOr<std::string> Session::CaCertificate() const {
  absl::StatusOr<Context> context = ReadContext(ContextPath(options_.context));
  if (!context.ok()) return context.status();
  return context->ca;
}

}  // namespace firebreak::cli
