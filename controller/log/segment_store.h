#ifndef FIREBREAK_CONTROLLER_LOG_SEGMENT_STORE_H_
#define FIREBREAK_CONTROLLER_LOG_SEGMENT_STORE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "controller/log/fair_share.h"
#include "controller/log/log_state.h"
#include "controller/log/log_store.h"
#include "controller/log/retention_clock.h"
#include "controller/log/segment.h"
#include "proto/log/batch.h"

namespace firebreak::controller {

// The log in files DIR/NUMBER.segment, to the last of which is appended, until it is full or its
// oldest record too old to be kept with newer ones. One whose newest record is too old is deleted,
// by the times of arrival in it and a clock that is not believed at once (retention_clock.h).
// When all together are too large, or the disk is too full, the oldest blocks of those hosts go
// that have the most (fair_share.h), so that a host that floods takes the place of nobody else's
// records.
//
// Whatever the files hold, the store opens with what can be read of them; what cannot is counted as
// far as the numbers of the records tell, and every search is told of it. DIR/state says which
// segments were deleted on purpose (log_state.h).
class SegmentStore final : public LogStore {
 public:
  struct Options {
    uint64_t max_bytes = uint64_t{10} << 30;
    absl::Duration max_age = absl::Hours(24 * 30);
    uint64_t segment_bytes = 16 << 20;
    // What is left free on the disk for others, the database first; none: a twentieth of it, but
    // no more than a GiB.
    std::optional<uint64_t> kept_free;
  };

  static absl::StatusOr<std::unique_ptr<SegmentStore>> Open(std::string directory,
                                                            const Options& options);

  absl::Status Append(std::span<HostBatch> batches, absl::Time now) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  LogPosition End() const override ABSL_LOCKS_EXCLUDED(mutex_);
  LogPosition Begin() const override ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<bool> GoBack(const LogQuery& query, LogPosition& position, uint64_t& count,
                              std::vector<LogPosition>& blocks) const override
      ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<bool> Read(const LogQuery& query, LogPosition& position, const LogPosition& end,
                            size_t max_records, const LogVisitor& visitor) const override
      ABSL_LOCKS_EXCLUDED(mutex_);
  void Expire(absl::Time now, absl::Duration passed) override ABSL_LOCKS_EXCLUDED(mutex_);

  LogFigures figures() const override ABSL_LOCKS_EXCLUDED(mutex_);

  // On the disk.
  uint64_t bytes() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  using SegmentPtr = std::shared_ptr<Segment>;
  struct Writing;
  struct Reading;
  struct Space {
    uint64_t free = 0;
    uint64_t kept = 0;
  };

  SegmentStore(std::string directory, const Options& options)
      : directory_(std::move(directory)), options_(options), limit_(options.max_bytes) {}

  std::string PathOf(uint64_t number) const;
  std::string StatePath() const { return directory_ + "/state"; }

  // loading.cc
  absl::Status Load();
  absl::StatusOr<std::vector<uint64_t>> ListNumbers() const;
  // Whether there was one.
  bool LoadState();
  void SaveState();
  // The numbers behind the last block of segments[i]; none: they cannot be known.
  static std::optional<HostNumbers> NumbersBehind(const std::vector<SegmentPtr>& segments,
                                                  size_t i);
  void CheckUnsealed(const std::vector<SegmentPtr>& segments) const;
  // What is missing between segments[i - 1] and segments[i], or before the first.
  void CheckMissing(const std::vector<SegmentPtr>& segments, size_t i) ABSL_LOCKS_EXCLUDED(mutex_);
  // Whether records can be appended to it.
  absl::StatusOr<bool> RecoverLast(std::vector<SegmentPtr>& segments) ABSL_LOCKS_EXCLUDED(mutex_);

  absl::Status Rotate() ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status Take(HostBatch& batch, absl::Time now, Writing& writing);
  std::vector<SegmentPtr> Segments() const ABSL_LOCKS_EXCLUDED(mutex_);

  // reading.cc
  // True: there is more in the segment, or enough was found.
  absl::StatusOr<bool> ReadSegment(Segment& segment, Reading& reading) const;
  absl::StatusOr<bool> GoBackInSegment(Segment& segment, LogPosition& position, uint64_t& count,
                                       Reading& reading, std::vector<LogPosition>& blocks) const;
  void TellDamage(const std::vector<Damage>& damage, bool missing, const Reading& reading) const;
  std::vector<Damage> MissingBefore(uint64_t number) const ABSL_LOCKS_EXCLUDED(mutex_);
  void NoteDamage(uint64_t segment, uint64_t offset, const absl::Status& status) const
      ABSL_LOCKS_EXCLUDED(mutex_);
  void BoundIndices() const ABSL_LOCKS_EXCLUDED(mutex_);

  // retention.cc
  Space MeasureSpace() const;
  // How large the log may be with so much space; at least so much that it can go on.
  uint64_t LimitFor(const Space& space) const ABSL_LOCKS_EXCLUDED(mutex_);
  // How large a segment becomes.
  uint64_t SegmentBytes() const;
  // Whether nothing more is to be appended to the last one.
  bool IsFull(absl::Time now) const ABSL_LOCKS_EXCLUDED(mutex_);
  // ResourceExhausted: there is no room for so many bytes beside what is kept free.
  absl::Status MakeRoom(uint64_t bytes) ABSL_LOCKS_EXCLUDED(mutex_);
  // `early`: for want of space.
  void Delete(const std::vector<SegmentPtr>& segments, bool early) ABSL_LOCKS_EXCLUDED(mutex_);
  void DeleteOld(absl::Time now) ABSL_LOCKS_EXCLUDED(mutex_);
  void TrimToSize() ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status TakeOut(HostBytes excess) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status CountHeld() ABSL_LOCKS_EXCLUDED(mutex_);
  void SubtractHeld(const HostBytes& gone);

  const std::string directory_;
  const Options options_;
  // The appending thread's, down to decoded_.
  uint64_t limit_;  // on its bytes
  HostNumbers numbers_;
  LogState state_;
  std::string saved_state_;  // as it is on the disk
  RetentionClock clock_;
  bool told_of_clock_ = false;
  // What each host has in the segments, once that was asked for; and the number of the segment
  // before which nothing of it is left.
  std::optional<HostBytes> held_;
  HostBytes taken_out_before_;
  BatchDecoder decoder_;
  RecordBatch decoded_;

  mutable absl::Mutex mutex_;
  std::vector<SegmentPtr> segments_ ABSL_GUARDED_BY(mutex_);  // never empty
  // By the number of the segment behind what is missing.
  std::map<uint64_t, std::vector<Damage>> missing_ ABSL_GUARDED_BY(mutex_);
  // Where reading has found damage: segment and offset.
  mutable std::set<std::pair<uint64_t, uint64_t>> found_damaged_ ABSL_GUARDED_BY(mutex_);
  LogFigures figures_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_LOG_SEGMENT_STORE_H_
