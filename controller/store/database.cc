// SPDX-License-Identifier: Apache-2.0
#include "controller/store/database.h"

#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/files/files.h"
#include "base/log/log.h"
#include "base/status/status.h"
#include "controller/store/audit.h"
#include "controller/store/check.h"
#include "controller/store/migrations.h"
#include "controller/store/row_digests.h"
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
  // SQLite rolls back by itself after some errors and not after others.
  if (!status.ok() && connection.in_transaction()) {
    connection.Execute("ROLLBACK").IgnoreError();
  }
  return status;
}

constexpr size_t kMaxMarkBytes = 4096;

std::string MarkPath(const std::string& path) { return path + ".mark"; }

absl::Status Migrate(Connection& connection) { return BringUpToDate(connection, Migrations()); }

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> Database::OpenDamaged(const std::string& path) {
  const std::string operation = absl::StrCat("open the database ", path);
  auto connection = Connection::Open(path);
  if (!connection.ok()) return Prefixed(operation, connection.status(), "");
  // cell_size_check and trusted_schema: the file is data and must not act as a program.
  absl::Status status = connection->ExecuteScript(
      "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
      "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA busy_timeout=2000;"
      "PRAGMA journal_size_limit=8388608; PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY;");
  if (status.ok()) status = RunTransaction(*connection, Migrate);
  if (status.ok()) status = SealWrites(*connection);
  if (!status.ok()) return Prefixed(operation, status, "");
  return std::unique_ptr<Database>(new Database(path, *std::move(connection)));
}

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const std::string& path) {
  // This must be checked before SQLite creates the file.
  struct stat about = {};
  const bool missing = stat(path.c_str(), &about) != 0 || about.st_size == 0;
  if (missing && access(MarkPath(path).c_str(), F_OK) == 0) {
    return absl::DataLossError(
        absl::StrCat("open the database ", path, ": it is ",
                     about.st_size == 0 && access(path.c_str(), F_OK) == 0 ? "empty" : "missing",
                     ", and ", MarkPath(path), " shows that there was a database"));
  }
  ASSIGN_OR_RETURN(auto database, OpenDamaged(path));
  if (absl::Status status = database->Check(); !status.ok()) {
    return Prefixed(absl::StrCat("check the database ", path), status, "");
  }
  return database;
}

absl::StatusOr<std::optional<HighWaterMark>> ReadMark(const std::string& path) {
  const auto text = ReadFile(MarkPath(path), kMaxMarkBytes);
  if (absl::IsNotFound(text.status())) return std::optional<HighWaterMark>();
  if (!text.ok()) return text.status();
  ASSIGN_OR_RETURN(const auto mark, ParseMark(*text));
  return std::optional<HighWaterMark>(mark);
}

absl::Status Database::Check() {
  absl::MutexLock lock(&mutex_);
  RETURN_IF_ERROR(CheckDatabase(connection_));
  const auto mark = ReadMark(path_);
  if (!mark.ok()) {
    // The database has proven to be undamaged, and the mark is only a copy of facts in it, so it is
    // written anew.
    LogWarning(MarkPath(path_), ": ", mark.status().message(), "; it is made anew");
  } else if (mark->has_value()) {
    RETURN_IF_ERROR(CheckAgainstMark(connection_, **mark));
  } else {
    ASSIGN_OR_RETURN(const auto end, ReadAuditEnd(connection_));
    // Earlier programs wrote no mark.
    if (end.number() > 0) LogInfo(MarkPath(path_), " is not there; it is made");
  }
  WriteMark();
  return absl::OkStatus();
}

absl::Status Database::Fold() {
  absl::MutexLock lock(&mutex_);
  RETURN_IF_ERROR(connection_.ExecuteScript("PRAGMA journal_mode=DELETE"));
  return absl::OkStatus();
}

void Database::WriteMark() {
  const auto mark = MarkOf(connection_);
  absl::Status status = mark.status();
  if (status.ok()) audit_rows_ = mark->audit_row;
  if (status.ok()) status = ReplaceFile(MarkPath(path_), MarkText(*mark));
  if (!status.ok() && !mark_fails_) {
    LogError(status.message(),
             "; until it can be written, a database that loses changes may not "
             "be recognised");
  }
  mark_fails_ = !status.ok();
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
    if (status.ok() && audited) WriteMark();
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
