// SPDX-License-Identifier: Apache-2.0
#include "controller/store/connection.h"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status/status.h"
#include "controller/store/row_digest_function.h"

namespace firebreak::controller {
namespace {

absl::Status SqliteStatus(sqlite3* database, int code) {
  const char* text = database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(code);
  switch (code & 0xff) {
    case SQLITE_FULL:
      return absl::ResourceExhaustedError("the disk is full; make room and try again");
    case SQLITE_READONLY:
      return absl::FailedPreconditionError(
          absl::StrCat("the data directory is read-only (", text, "); make it writable"));
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return absl::FailedPreconditionError(
          absl::StrCat(text, "; check that the data directory exists and is writable"));
    case SQLITE_IOERR:
      // If the disk is full, SQLite's shared-memory file fails with this code instead of
      // SQLITE_FULL.
      if (code == SQLITE_IOERR_SHMSIZE) {
        return absl::ResourceExhaustedError("the disk is full; make room and try again");
      }
      return absl::InternalError(
          absl::StrCat("the disk does not work (", text, ", code ", code, "); check it"));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::DataLossError(absl::StrCat(text, "; restore the data directory from a backup"));
    default: return absl::InternalError(absl::StrCat("SQLite: ", text, " (code ", code, ")"));
  }
}

int Bind(sqlite3_stmt* statement, int index, const Value& value) {
  // SQLITE_STATIC is safe: the statement is stepped and cleared before the caller's values go away.
  // The pointer must not be null, which would bind NULL.
  if (const auto* integer = std::get_if<int64_t>(&value)) {
    return sqlite3_bind_int64(statement, index, *integer);
  }
  if (const auto* text = std::get_if<absl::string_view>(&value)) {
    return sqlite3_bind_text64(statement, index, text->data() != nullptr ? text->data() : "",
                               text->size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  if (const auto* blob = std::get_if<Blob>(&value)) {
    const char* bytes = blob->bytes.data() != nullptr ? blob->bytes.data() : "";
    return sqlite3_bind_blob64(statement, index, bytes, blob->bytes.size(), SQLITE_STATIC);
  }
  return sqlite3_bind_null(statement, index);
}

class ResetAtEnd {
 public:
  explicit ResetAtEnd(sqlite3_stmt* statement) : statement_(statement) {}
  ~ResetAtEnd() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }
  ResetAtEnd(const ResetAtEnd&) = delete;
  ResetAtEnd& operator=(const ResetAtEnd&) = delete;

 private:
  sqlite3_stmt* statement_;
};

}  // namespace

bool Row::IsNull(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

int64_t Row::Integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::string Row::Bytes(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  const int size = sqlite3_column_bytes(statement_, column);
  return bytes == nullptr ? std::string() : std::string(bytes, static_cast<size_t>(size));
}

absl::Time Row::Time(int column) const {
  return IsNull(column) ? absl::InfinitePast() : absl::FromUnixMicros(Integer(column));
}

absl::StatusOr<Connection> Connection::Open(const std::string& path) {
  // The file is created here because SQLite would make it readable by everyone; SQLite's journals
  // get the mode of the database. If this fails, SQLite fails as well and says why.
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file >= 0) close(file);
  return OpenNamed(path);
}

absl::StatusOr<Connection> Connection::OpenNamed(const std::string& path) {
  sqlite3* opened = nullptr;
  int code = sqlite3_open_v2(
      path.c_str(), &opened,
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
      nullptr);
  DatabasePtr database(opened);
  if (code == SQLITE_OK) code = RegisterRowDigest(opened);
  if (code != SQLITE_OK) return SqliteStatus(database.get(), code);
  return Connection(std::move(database));
}

absl::StatusOr<sqlite3_stmt*> Connection::Prepare(const char* sql,
                                                  std::initializer_list<Value> values) {
  StatementPtr& kept = statements_[sql];
  if (kept == nullptr) {
    sqlite3_stmt* prepared = nullptr;
    const int code =
        sqlite3_prepare_v3(database_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &prepared, nullptr);
    if (code != SQLITE_OK) return SqliteStatus(database_.get(), code);
    kept.reset(prepared);
  }
  int index = 0;
  for (const Value& value : values) {
    const int code = Bind(kept.get(), ++index, value);
    if (code != SQLITE_OK) return SqliteStatus(database_.get(), code);
  }
  return kept.get();
}

absl::Status Connection::Execute(const char* sql, std::initializer_list<Value> values) {
  return Query(sql, values, [](const Row&) { return absl::OkStatus(); });
}

absl::Status Connection::Query(const char* sql, std::initializer_list<Value> values,
                               absl::FunctionRef<absl::Status(const Row&)> each) {
  ASSIGN_OR_RETURN(const auto statement, Prepare(sql, values));
  const ResetAtEnd reset(statement);
  return Step(statement, each);
}

absl::Status Connection::QueryOnce(const std::string& sql,
                                   absl::FunctionRef<absl::Status(const Row&)> each) {
  sqlite3_stmt* prepared = nullptr;
  const int code = sqlite3_prepare_v2(database_.get(), sql.c_str(), -1, &prepared, nullptr);
  const StatementPtr statement(prepared);
  if (code != SQLITE_OK) return SqliteStatus(database_.get(), code);
  return Step(statement.get(), each);
}

absl::Status Connection::Step(sqlite3_stmt* statement,
                              absl::FunctionRef<absl::Status(const Row&)> each) {
  for (;;) {
    const int code = sqlite3_step(statement);
    if (code == SQLITE_DONE) return absl::OkStatus();
    if (code != SQLITE_ROW) return SqliteStatus(database_.get(), code);
    RETURN_IF_ERROR(each(Row(statement)));
  }
}

absl::Status Connection::CopyTo(Connection& other) {
  sqlite3_backup* backup =
      sqlite3_backup_init(other.database_.get(), "main", database_.get(), "main");
  if (backup == nullptr) {
    return SqliteStatus(other.database_.get(), sqlite3_errcode(other.database_.get()));
  }
  // Copying all pages in one step gives a copy of one moment.
  const int code = sqlite3_backup_step(backup, -1);
  sqlite3_backup_finish(backup);
  return code == SQLITE_DONE ? absl::OkStatus() : SqliteStatus(other.database_.get(), code);
}

absl::Status Connection::ExecuteScript(const char* sql) {
  const int code = sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? absl::OkStatus() : SqliteStatus(database_.get(), code);
}

}  // namespace firebreak::controller
