// SPDX-License-Identifier: Apache-2.0
#include "cli/verbs/invocation.h"

#include <utility>

#include "base/status/status.h"
#include "base/text/escape.h"
#include "cli/context/context.h"

namespace firebreak::cli {

absl::StatusOr<Connection*> Invocation::Connect() {
  if (options_.local) {
    return absl::FailedPreconditionError(
        "--local: this needs the controller; `firebreak --help` tells what a host answers by "
        "itself");
  }
  if (connection_ != nullptr) return connection_.get();
  ASSIGN_OR_RETURN(Context context, ReadContext(ContextPath(options_.context)));
  ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, Connection::Open(std::move(context)));
  connection_ = std::move(connection);
  return connection_.get();
}

absl::StatusOr<std::string> Invocation::CaCertificate() const {
  ASSIGN_OR_RETURN(Context context, ReadContext(ContextPath(options_.context)));
  return context.ca;
}

void Invocation::WarnStopped(const std::string& reason) {
  if (reason.empty()) return;
  out().flush();
  err() << "WARNING: " << Escape(reason) << "\n";
}

}  // namespace firebreak::cli
