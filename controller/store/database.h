#ifndef FIREBREAK_CONTROLLER_STORE_DATABASE_H_
#define FIREBREAK_CONTROLLER_STORE_DATABASE_H_

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

// The mark as the file beside the database has it; none: there is no such file.
absl::StatusOr<std::optional<HighWaterMark>> ReadMark(const std::string& path);

// Told when there are new rows in the audit trail, on the thread that has added them, which must
// not be held up.
class AuditWatcher {
 public:
  virtual ~AuditWatcher() = default;
  virtual void OnAudited() = 0;
};

// The controller's database: one SQLite file in WAL mode with synchronous=FULL, so that what
// Transact has acknowledged survives a crash of the process and of the machine.
//
// A file beside it, FILE.mark, keeps how far it has come (HighWaterMark).
//
// Thread-safe; one transaction at a time. The tables are read and written by the free functions
// beside this file (resources.h, hosts.h, tokens.h, revisions.h, audit.h), which take the
// Connection of a transaction, so that one transaction can span them.
class Database {
 public:
  // Opens the file, brings it to the schema of this program, and checks all of it (CheckDatabase)
  // and that it has lost nothing (HighWaterMark). Creates it if there is none and there was none.
  // FailedPrecondition: the file was made by another Firebreak, whose schema this one does not
  // know, or cannot be written. DataLoss: it is damaged; the message names what is.
  static absl::StatusOr<std::unique_ptr<Database>> Open(const std::string& path);

  // The same without the checks, for whoever mends it. What cannot be read is still DataLoss.
  static absl::StatusOr<std::unique_ptr<Database>> OpenDamaged(const std::string& path);

  // All that `body` does, durably, or nothing of it. An error's message begins with `operation`
  // ("store revision 12") and says that nothing was changed. The database stays usable after any
  // error.
  absl::Status Transact(absl::string_view operation,
                        absl::FunctionRef<absl::Status(Connection&)> body)
      ABSL_LOCKS_EXCLUDED(mutex_, watchers_mutex_);

  // Writes what is in the journal into the file itself and gives the journal up, so that the file
  // can be moved. For the only one that uses the database, at the end.
  absl::Status Fold() ABSL_LOCKS_EXCLUDED(mutex_);

  // The watcher is forgotten when its owner lets it go.
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
  absl::Mutex watchers_mutex_;
  std::vector<std::weak_ptr<AuditWatcher>> watchers_ ABSL_GUARDED_BY(watchers_mutex_);
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_STORE_DATABASE_H_
