#ifndef FIREBREAK_CONTROLLER_STORE_DATABASE_H_
#define FIREBREAK_CONTROLLER_STORE_DATABASE_H_

#include <memory>
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

namespace firebreak::controller {

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
// Thread-safe; one transaction at a time. The tables are read and written by the free functions
// beside this file (resources.h, hosts.h, tokens.h, revisions.h, audit.h), which take the
// Connection of a transaction, so that one transaction can span them.
class Database {
 public:
  // Creates the file if there is none. FailedPrecondition: the file was made by another Firebreak,
  // whose schema this one does not know, or cannot be written.
  static absl::StatusOr<std::unique_ptr<Database>> Open(const std::string& path);

  // All that `body` does, durably, or nothing of it. An error's message begins with `operation`
  // ("store revision 12") and says that nothing was changed. The database stays usable after any
  // error.
  absl::Status Transact(absl::string_view operation,
                        absl::FunctionRef<absl::Status(Connection&)> body)
      ABSL_LOCKS_EXCLUDED(mutex_, watchers_mutex_);

  // The watcher is forgotten when its owner lets it go.
  void WatchAudit(std::weak_ptr<AuditWatcher> watcher) ABSL_LOCKS_EXCLUDED(watchers_mutex_);

 private:
  explicit Database(Connection connection) : connection_(std::move(connection)) {}

  void TellWatchers() ABSL_LOCKS_EXCLUDED(watchers_mutex_);

  absl::Mutex mutex_;
  Connection connection_ ABSL_GUARDED_BY(mutex_);
  absl::Mutex watchers_mutex_;
  std::vector<std::weak_ptr<AuditWatcher>> watchers_ ABSL_GUARDED_BY(watchers_mutex_);
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_STORE_DATABASE_H_
