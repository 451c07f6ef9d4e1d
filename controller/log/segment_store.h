#ifndef FIREBREAK_CONTROLLER_LOG_SEGMENT_STORE_H_
#define FIREBREAK_CONTROLLER_LOG_SEGMENT_STORE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "controller/log/log_store.h"
#include "controller/log/segment.h"
#include "proto/log/batch.h"

namespace firebreak::controller {

// The log in files DIR/NUMBER.segment, to the last of which is appended. The oldest are deleted
// when all together are too large, or one is too old.
class SegmentStore final : public LogStore {
 public:
  struct Options {
    uint64_t max_bytes = uint64_t{10} << 30;
    absl::Duration max_age = absl::Hours(24 * 30);
    uint64_t segment_bytes = 16 << 20;
  };

  static absl::StatusOr<std::unique_ptr<SegmentStore>> Open(std::string directory,
                                                            const Options& options);

  absl::Status Append(std::span<HostBatch> batches, absl::Time now) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  LogPosition End() const override ABSL_LOCKS_EXCLUDED(mutex_);
  LogPosition Begin() const override ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<LogPosition> FindLast(const LogQuery& query, uint64_t count) const override
      ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<bool> Read(const LogQuery& query, LogPosition& position, size_t max_records,
                            const std::function<void(const StoredRecord&)>& each) const override
      ABSL_LOCKS_EXCLUDED(mutex_);
  void Expire(absl::Time now) override ABSL_LOCKS_EXCLUDED(mutex_);

  uint64_t bytes() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Writing;

  SegmentStore(std::string directory, const Options& options)
      : directory_(std::move(directory)), options_(options) {}

  std::string PathOf(uint64_t number) const;
  absl::Status Load();
  absl::Status Rotate();
  absl::Status Take(HostBatch& batch, absl::Time now, Writing& writing);
  std::vector<std::shared_ptr<Segment>> Segments() const ABSL_LOCKS_EXCLUDED(mutex_);
  void BoundIndices() const ABSL_LOCKS_EXCLUDED(mutex_);

  const std::string directory_;
  const Options options_;
  HostNumbers numbers_;  // the appending thread's
  BatchDecoder decoder_;
  RecordBatch decoded_;
  mutable absl::Mutex mutex_;
  std::vector<std::shared_ptr<Segment>> segments_ ABSL_GUARDED_BY(mutex_);  // never empty
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_LOG_SEGMENT_STORE_H_
