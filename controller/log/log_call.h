// SPDX-License-Identifier: Apache-2.0
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

// One call of SearchLogs or FollowLogs. It reads a little at a time on a thread of the pool, and
// continues when the caller has received that: many callers share the pool, and a slow caller keeps
// no thread from the others. The object owns itself until gRPC is done with it.
class LogCall final : public grpc::ServerWriteReactor<v1::LogRecords>,
                      public LogWatcher,
                      public std::enable_shared_from_this<LogCall> {
 public:
  // The parts of the controller that calls use; all of them must outlive the server.
  struct Parts {
    LogStore& store;
    LogIntake& intake;
    ReaderPool& readers;
  };
  struct Request {
    LogQuery query;
    // Begin with this many of the newest records; nullopt: with all.
    std::optional<uint64_t> last;
    // Begin behind this position instead.
    std::optional<LogPosition> after;
    bool follow = false;
    bool packed = false;  // the caller accepts packed blocks
  };

  static LogCall* Start(const Parts& parts, Request request);

  void OnNewRecords() override ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  LogCall(const Parts& parts, Request request) : parts_(parts), request_(std::move(request)) {}

  void OnWriteDone(bool ok) override ABSL_LOCKS_EXCLUDED(mutex_);
  void OnCancel() override ABSL_LOCKS_EXCLUDED(mutex_);
  void OnDone() override ABSL_LOCKS_EXCLUDED(mutex_);

  // Reads some more, on a thread of the pool, and returns whether there is more to read.
  void Read() ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<bool> ReadSome();
  // Reads the next of the blocks in blocks_.
  absl::StatusOr<bool> ReadBlocks(const LogVisitor& visitor);
  size_t RecordsAtOnce() const;
  // Returns true once the beginning is found.
  absl::StatusOr<bool> FindBeginning();
  void Add(const StoredBlock& block);
  // Only for a caller that accepts packed blocks.
  void Add(const WholeBlock& block);
  void Add(const LogGap& gap);
  void ReadOn() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void End(const absl::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Parts parts_;
  const Request request_;
  // The members down to outgoing_ are used only by the thread that reads.
  std::optional<LogPosition> position_;
  uint64_t to_go_back_ = 0;          // how many records to go back before reading begins
  bool begins_here_ = false;         // whether position_ is where reading begins
  std::vector<LogPosition> blocks_;  // found on the way back, newest first; only these are read
  bool only_blocks_ = false;
  LogPosition end_;          // where a search that does not follow ends
  v1::LogRecords outgoing_;  // belongs to gRPC until OnWriteDone
  std::atomic<size_t> turns_ = 0;

  absl::Mutex mutex_;
  std::shared_ptr<LogCall> self_ ABSL_GUARDED_BY(mutex_);
  bool busy_ ABSL_GUARDED_BY(mutex_) = false;  // a read or a write is under way
  bool news_ ABSL_GUARDED_BY(mutex_) = false;  // new records have come since the last read began
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_LOG_LOG_CALL_H_
