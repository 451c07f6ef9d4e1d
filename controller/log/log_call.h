#ifndef FIREBREAK_CONTROLLER_LOG_LOG_CALL_H_
#define FIREBREAK_CONTROLLER_LOG_LOG_CALL_H_

#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "controller/log/intake.h"
#include "controller/log/log_store.h"
#include "controller/log/reader_pool.h"
#include "firebreak/v1/log.pb.h"

namespace firebreak::controller {

// One SearchLogs or FollowLogs call. Reads a little at a time on a thread of the pool, and goes on
// when the caller has taken it: many callers share the pool, and one that is slow keeps nobody from
// it. Owned by itself until gRPC is done with it.
class LogCall final : public grpc::ServerWriteReactor<v1::LogRecords>,
                      public LogWatcher,
                      public std::enable_shared_from_this<LogCall> {
 public:
  // What a call works with; all must outlive the server.
  struct Parts {
    LogStore& store;
    LogIntake& intake;
    ReaderPool& readers;
  };
  struct Request {
    LogQuery query;
    // So many of the newest to begin with; none: all.
    std::optional<uint64_t> last;
    // Where to begin instead.
    std::optional<LogPosition> after;
    bool follow = false;
    bool packed = false;  // the caller takes blocks
  };

  static LogCall* Start(const Parts& parts, Request request);

  void OnNewRecords() override ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  LogCall(const Parts& parts, Request request) : parts_(parts), request_(std::move(request)) {}

  void OnWriteDone(bool ok) override ABSL_LOCKS_EXCLUDED(mutex_);
  void OnCancel() override ABSL_LOCKS_EXCLUDED(mutex_);
  void OnDone() override ABSL_LOCKS_EXCLUDED(mutex_);

  // On a thread of the pool; true: there is more.
  void Read() ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<bool> ReadSome();
  // The next of those in blocks_.
  absl::StatusOr<bool> ReadBlocks(const LogVisitor& visitor);
  size_t RecordsAtOnce() const;
  // True when it is found.
  absl::StatusOr<bool> FindBeginning();
  void Add(const StoredBlock& block);
  void Add(const LogGap& gap);
  void ReadOn() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void End(const absl::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Parts parts_;
  const Request request_;
  // The members down to outgoing_ belong to the thread that reads.
  std::optional<LogPosition> position_;
  uint64_t to_go_back_ = 0;          // over so many records, before the first is read
  bool begins_here_ = false;         // whether position_ is where to begin
  std::vector<LogPosition> blocks_;  // found on the way back, newest first: only they are read
  bool only_blocks_ = false;
  LogPosition end_;          // of a search
  v1::LogRecords outgoing_;  // gRPC's until OnWriteDone
  std::atomic<size_t> turns_ = 0;

  absl::Mutex mutex_;
  std::shared_ptr<LogCall> self_ ABSL_GUARDED_BY(mutex_);
  bool busy_ ABSL_GUARDED_BY(mutex_) = false;  // reading or writing
  bool news_ ABSL_GUARDED_BY(mutex_) = false;  // since it last began to read
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_LOG_LOG_CALL_H_
