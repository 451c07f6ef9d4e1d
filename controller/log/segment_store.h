#ifndef FIREBREAK_CONTROLLER_LOG_SEGMENT_STORE_H_
#define FIREBREAK_CONTROLLER_LOG_SEGMENT_STORE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "controller/log/fair_share.h"
#include "controller/log/log_store.h"
#include "controller/log/segment.h"
#include "proto/log/batch.h"

namespace firebreak::controller {

// The log in files DIR/NUMBER.segment, to the last of which is appended, until it is full or its
// oldest record too old to be kept with newer ones. One whose newest record is too old is deleted.
// When all together are too large, the oldest blocks of those hosts go that have the most
// (fair_share.h), so that a host that floods takes the place of nobody else's records.
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
  absl::StatusOr<bool> GoBack(const LogQuery& query, LogPosition& position,
                              uint64_t& count) const override ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<bool> Read(const LogQuery& query, LogPosition& position, size_t max_records,
                            const std::function<void(const StoredRecord&)>& each) const override
      ABSL_LOCKS_EXCLUDED(mutex_);
  void Expire(absl::Time now) override ABSL_LOCKS_EXCLUDED(mutex_);

  LogFigures figures() const override ABSL_LOCKS_EXCLUDED(mutex_);

  // On the disk.
  uint64_t bytes() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Writing;

  SegmentStore(std::string directory, const Options& options)
      : directory_(std::move(directory)), options_(options) {}

  std::string PathOf(uint64_t number) const;
  absl::Status Load();
  absl::Status Rotate();
  // How large a segment becomes.
  uint64_t SegmentBytes() const;
  // Whether nothing more is to be appended to the last one.
  bool IsFull(absl::Time now) const ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status Take(HostBatch& batch, absl::Time now, Writing& writing);
  void Delete(const std::shared_ptr<Segment>& segment) ABSL_LOCKS_EXCLUDED(mutex_);
  void TrimToSize() ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status TakeOut(HostBytes excess) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status CountHeld() ABSL_LOCKS_EXCLUDED(mutex_);
  void SubtractHeld(const HostBytes& gone);
  std::vector<std::shared_ptr<Segment>> Segments() const ABSL_LOCKS_EXCLUDED(mutex_);
  void BoundIndices() const ABSL_LOCKS_EXCLUDED(mutex_);

  const std::string directory_;
  const Options options_;
  HostNumbers numbers_;  // the appending thread's
  // The appending thread's too: what each host has in the segments, once that was asked for; and
  // the number of the segment before which nothing of it is left.
  std::optional<HostBytes> held_;
  HostBytes taken_out_before_;
  BatchDecoder decoder_;
  RecordBatch decoded_;
  mutable absl::Mutex mutex_;
  std::vector<std::shared_ptr<Segment>> segments_ ABSL_GUARDED_BY(mutex_);  // never empty
  LogFigures figures_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_LOG_SEGMENT_STORE_H_
