#ifndef FIREBREAK_CONTROLLER_LOG_LOG_CALL_H_
#define FIREBREAK_CONTROLLER_LOG_LOG_CALL_H_

#include <grpcpp/support/server_callback.h>

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "controller/log/intake.h"
#include "controller/log/log_store.h"
#include "controller/worker/worker.h"
#include "firebreak/v1/log.pb.h"

namespace firebreak::controller {

// One SearchLogs or FollowLogs call. Reads a little at a time on the worker, and goes on when the
// caller has taken it: many callers share the worker, and one that is slow keeps nobody from it.
// Owned by itself until gRPC is done with it.
class LogCall final : public grpc::ServerWriteReactor<v1::LogRecords>,
                      public LogWatcher,
                      public std::enable_shared_from_this<LogCall> {
 public:
  // What a call works with; all must outlive the server.
  struct Parts {
    LogStore& store;
    LogIntake& intake;
    Worker& worker;
  };
  struct Request {
    LogQuery query;
    // So many of the newest to begin with; none: all.
    std::optional<uint64_t> last;
    // Where to begin instead.
    std::optional<LogPosition> after;
    bool follow = false;
  };

  static LogCall* Start(const Parts& parts, Request request);

  void OnNewRecords() override ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  LogCall(const Parts& parts, Request request) : parts_(parts), request_(std::move(request)) {}

  void OnWriteDone(bool ok) override ABSL_LOCKS_EXCLUDED(mutex_);
  void OnCancel() override ABSL_LOCKS_EXCLUDED(mutex_);
  void OnDone() override ABSL_LOCKS_EXCLUDED(mutex_);

  // On the worker.
  void Read() ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<bool> ReadSome();
  // True when it is found.
  absl::StatusOr<bool> FindBeginning();
  void ReadOn() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void End(const absl::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Parts parts_;
  const Request request_;
  std::optional<LogPosition> position_;  // the worker's
  uint64_t to_go_back_ = 0;              // likewise: over so many records, before the first is read
  bool begins_here_ = false;             // likewise: whether position_ is where to begin
  LogPosition end_;                      // of a search
  v1::LogRecords outgoing_;              // the worker's, then gRPC's until OnWriteDone

  absl::Mutex mutex_;
  std::shared_ptr<LogCall> self_ ABSL_GUARDED_BY(mutex_);
  bool busy_ ABSL_GUARDED_BY(mutex_) = false;  // reading or writing
  bool news_ ABSL_GUARDED_BY(mutex_) = false;  // since it last began to read
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_LOG_LOG_CALL_H_
