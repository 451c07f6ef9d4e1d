// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_STORE_DATABASE_H_
#define FIREBREAK_CONTROLLER_STORE_DATABASE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "controller/store/connection.h"
#include "controller/store/high_water_mark.h"

namespace firebreak::controller {

// Reads the mark beside the database; nullopt if the file does not exist.
absl::StatusOr<std::optional<HighWaterMark>> ReadMark(const std::string& path);

// Notified of new rows in the audit trail, on the thread that has added them, which it must not
// block.
class AuditWatcher {
 public:
  virtual ~AuditWatcher() = default;
  virtual void OnAudited() = 0;
};

// The controller's database: one SQLite file in WAL mode with synchronous=FULL, so that a
// transaction that Transact has acknowledged survives a crash of the process and of the machine.
//
// A file beside it, FILE.mark, records how far the database has come (HighWaterMark).
//
// Thread-safe; one transaction at a time. The tables are read and written by the free functions
// beside this file (resources.h, hosts.h, tokens.h, revisions.h, audit.h). They take the Connection
// of a transaction, so that one transaction can span several of them.
class Database {
 public:
  // Opens the file, brings it to the schema of this program, and checks all of it (CheckDatabase)
  // and that it has lost nothing (HighWaterMark). Creates the file if it does not exist and no mark
  // says that it once did. FailedPrecondition: the file has the schema of another Firebreak that
  // this one does not know, or cannot be written. DataLoss: the file is damaged; the message names
  // the damage.
  static absl::StatusOr<std::unique_ptr<Database>> Open(const std::string& path);

  // Opens the file without the checks, in order to repair it. DataLoss: the file cannot be read at
  // all.
  static absl::StatusOr<std::unique_ptr<Database>> OpenDamaged(const std::string& path);

  // Runs `body` as a transaction: all of it becomes durable, or none of it. An error's message
  // begins with `operation` ("store revision 12") and says that nothing was changed. The database
  // stays usable after any error.
  absl::Status Transact(absl::string_view operation,
                        absl::FunctionRef<absl::Status(Connection&)> body)
      ABSL_LOCKS_EXCLUDED(mutex_, watchers_mutex_);

  // Writes the journal into the file itself and removes it, so that the file can be moved. Only for
  // the last user of the database, at its end.
  absl::Status Fold() ABSL_LOCKS_EXCLUDED(mutex_);

  // The number of rows that the audit trail has. Any thread, without waiting for a transaction.
  uint64_t audit_rows() const { return audit_rows_; }

  // Notifies the watcher until its owner destroys it.
  void WatchAudit(std::weak_ptr<AuditWatcher> watcher) ABSL_LOCKS_EXCLUDED(watchers_mutex_);

 private:
  Database(std::string path, Connection connection)
      : path_(std::move(path)), connection_(std::move(connection)) {}

  absl::Status Check() ABSL_LOCKS_EXCLUDED(mutex_);
  void WriteMark() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TellWatchers() ABSL_LOCKS_EXCLUDED(watchers_mutex_);

  const std::string path_;
  absl::Mutex mutex_;
  Connection connection_ ABSL_GUARDED_BY(mutex_);
  bool mark_fails_ ABSL_GUARDED_BY(mutex_) = false;
  std::atomic<uint64_t> audit_rows_ = 0;
  absl::Mutex watchers_mutex_;
  std::vector<std::weak_ptr<AuditWatcher>> watchers_ ABSL_GUARDED_BY(watchers_mutex_);
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_STORE_DATABASE_H_
