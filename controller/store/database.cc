#include "controller/store/database.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status/status.h"
#include "controller/store/migrations.h"
#include "controller/store/schema.h"

namespace firebreak::controller {
namespace {

absl::Status Prefixed(absl::string_view operation, const absl::Status& status,
                      absl::string_view suffix) {
  return absl::Status(status.code(), absl::StrCat(operation, ": ", status.message(), suffix));
}

absl::Status RunTransaction(Connection& connection,
                            absl::FunctionRef<absl::Status(Connection&)> body) {
  RETURN_IF_ERROR(connection.Execute("BEGIN IMMEDIATE"));
  absl::Status status = body(connection);
  if (status.ok()) status = connection.Execute("COMMIT");
  // SQLite rolls back by itself after some errors, not after others.
  if (!status.ok() && connection.in_transaction()) {
    connection.Execute("ROLLBACK").IgnoreError();
  }
  return status;
}

absl::Status Migrate(Connection& connection) { return BringUpToDate(connection, Migrations()); }

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const std::string& path) {
  const std::string operation = absl::StrCat("open the database ", path);
  auto connection = Connection::Open(path);
  if (!connection.ok()) return Prefixed(operation, connection.status(), "");
  // cell_size_check and trusted_schema: the file is data, not a program.
  absl::Status status = connection->ExecuteScript(
      "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
      "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA busy_timeout=2000;"
      "PRAGMA journal_size_limit=8388608; PRAGMA secure_delete=ON;");
  if (status.ok()) status = RunTransaction(*connection, Migrate);
  if (!status.ok()) return Prefixed(operation, status, "");
  return std::unique_ptr<Database>(new Database(*std::move(connection)));
}

absl::Status Database::Transact(absl::string_view operation,
                                absl::FunctionRef<absl::Status(Connection&)> body) {
  absl::Status status;
  bool audited = false;
  {
    absl::MutexLock lock(&mutex_);
    const uint64_t before = connection_.audited();
    status = RunTransaction(connection_, body);
    audited = connection_.audited() != before;
  }
  if (!status.ok()) return Prefixed(operation, status, "; nothing was changed");
  if (audited) TellWatchers();
  return status;
}

void Database::WatchAudit(std::weak_ptr<AuditWatcher> watcher) {
  absl::MutexLock lock(&watchers_mutex_);
  std::erase_if(watchers_, [](const auto& one) { return one.expired(); });
  watchers_.push_back(std::move(watcher));
}

void Database::TellWatchers() {
  std::vector<std::weak_ptr<AuditWatcher>> told;
  {
    absl::MutexLock lock(&watchers_mutex_);
    told = watchers_;
  }
  for (const auto& one : told) {
    if (const auto watcher = one.lock()) watcher->OnAudited();
  }
}

}  // namespace firebreak::controller
