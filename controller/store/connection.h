// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_STORE_CONNECTION_H_
#define FIREBREAK_CONTROLLER_STORE_CONNECTION_H_

#include <sqlite3.h>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <variant>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace firebreak::controller {

struct Blob {
  absl::string_view bytes;
};

// A parameter of a statement; std::monostate is NULL.
using Value = std::variant<std::monostate, int64_t, absl::string_view, Blob>;

// One row of a result; valid only inside the callback that it is passed to.
class Row {
 public:
  explicit Row(sqlite3_stmt* statement) : statement_(statement) {}

  bool IsNull(int column) const;
  int64_t Integer(int column) const;
  std::string Bytes(int column) const;  // text or blob
  absl::Time Time(int column) const;    // the inverse of Stored(); NULL: InfinitePast

 private:
  sqlite3_stmt* statement_;
};

// An open SQLite database with its prepared statements and the function row_digest. Not
// thread-safe: Database gives access to it under its lock. SQLite's errors become statuses whose
// messages say what an operator can do.
class Connection {
 public:
  // Creates the file with mode 0600 if it does not exist.
  static absl::StatusOr<Connection> Open(const std::string& path);
  // Opens an empty database in memory.
  static absl::StatusOr<Connection> OpenInMemory() { return OpenNamed(":memory:"); }

  // Runs one statement that returns no rows. `sql` must be a literal: it is the key under which
  // the prepared statement is kept.
  absl::Status Execute(const char* sql, std::initializer_list<Value> values = {});

  // Calls `each` for each row until it returns an error.
  absl::Status Query(const char* sql, std::initializer_list<Value> values,
                     absl::FunctionRef<absl::Status(const Row&)> each);

  // Like Query, for a statement that is built at run time; the prepared statement is not kept.
  absl::Status QueryOnce(const std::string& sql, absl::FunctionRef<absl::Status(const Row&)> each);

  // Runs several statements, separated by semicolons.
  absl::Status ExecuteScript(const char* sql);

  // Replaces the content of `other` by the content of this database as it is at one moment; others
  // may write to this database meanwhile.
  absl::Status CopyTo(Connection& other);

  // The number of rows that the last Execute inserted, changed or deleted.
  int64_t changes() const { return sqlite3_changes64(database_.get()); }
  // How many rows were added to the audit trail, including those of transactions that were rolled
  // back.
  uint64_t audited() const { return audited_; }
  void NoteAudited() { ++audited_; }
  bool in_transaction() const { return sqlite3_get_autocommit(database_.get()) == 0; }

 private:
  struct CloseDatabase {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  };
  struct FinalizeStatement {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  using DatabasePtr = std::unique_ptr<sqlite3, CloseDatabase>;
  using StatementPtr = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

  static absl::StatusOr<Connection> OpenNamed(const std::string& path);
  absl::Status Step(sqlite3_stmt* statement, absl::FunctionRef<absl::Status(const Row&)> each);
  explicit Connection(DatabasePtr database) : database_(std::move(database)) {}
  absl::StatusOr<sqlite3_stmt*> Prepare(const char* sql, std::initializer_list<Value> values);

  DatabasePtr database_;
  uint64_t audited_ = 0;
  absl::flat_hash_map<const char*, StatementPtr> statements_;
};

// Times are stored as microseconds since 1970.
inline int64_t Stored(absl::Time time) { return absl::ToUnixMicros(time); }

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_STORE_CONNECTION_H_
