// SPDX-License-Identifier: Apache-2.0
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

// Stores the log in files DIR/NUMBER.segment. Records are appended to the last one until it is full
// or spans too much time; then a new one begins. A segment is deleted when its newest record is too
// old, by its time of arrival and a clock that is not believed at once (retention_clock.h). When
// all segments together are too large, or the disk is too full, the oldest blocks of the hosts that
// hold the most are deleted (fair_share.h), so that a flooding host does not displace the records
// of others.
//
// Damaged files do not keep the store from opening: it uses everything that can be read, counts the
// lost records as far as the numbers of the others tell, and reports the damage to every search.
// DIR/state says which segments were deleted on purpose (log_state.h). While it cannot be written,
// because the disk is full, the files of deleted segments say so themselves.
class SegmentStore final : public LogStore {
 public:
  struct Options {
    uint64_t max_bytes = uint64_t{10} << 30;
    absl::Duration max_age = absl::Hours(24 * 30);
    uint64_t segment_bytes = 16 << 20;
    // The space that is left free on the disk for others, above all the database; nullopt: a
    // twentieth of the disk, but at most a GiB.
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

  LogStats stats() const override ABSL_LOCKS_EXCLUDED(mutex_);

  // The number of bytes on disk.
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
  // Reads the state file; returns false if there was none.
  bool LoadState();
  // Returns whether the state is on disk, and deletes the files of deleted segments then.
  bool SaveState() ABSL_LOCKS_EXCLUDED(mutex_);
  // Returns the numbers behind the last block of segments[i]; nullopt if they cannot be known.
  static std::optional<HostNumbers> NumbersBehind(const std::vector<SegmentPtr>& segments,
                                                  size_t i);
  void CheckUnsealed(const std::vector<SegmentPtr>& segments) const;
  // Records the segments that are missing between segments[i - 1] and segments[i], or before the
  // first.
  void CheckMissing(const std::vector<SegmentPtr>& segments, size_t i) ABSL_LOCKS_EXCLUDED(mutex_);
  // Prepares the last segment and returns whether records can be appended to it.
  absl::StatusOr<bool> RecoverLast(std::vector<SegmentPtr>& segments) ABSL_LOCKS_EXCLUDED(mutex_);

  absl::Status Rotate() ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status Take(HostBatch& batch, absl::Time now, Writing& writing);
  std::vector<SegmentPtr> Segments() const ABSL_LOCKS_EXCLUDED(mutex_);
  bool Holds(const Segment& segment) const ABSL_LOCKS_EXCLUDED(mutex_);

  // reading.cc
  // Returns true if the segment has more, or if enough was found.
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
  // How large the log may be with this much space; never too small to go on.
  uint64_t LimitFor(const Space& space) const ABSL_LOCKS_EXCLUDED(mutex_);
  // The size at which a segment is full.
  uint64_t SegmentBytes() const;
  // Whether the last segment is full.
  bool IsFull(absl::Time now) const ABSL_LOCKS_EXCLUDED(mutex_);
  // ResourceExhausted: there is no room for `bytes` bytes besides the space that is kept free.
  absl::Status MakeRoom(uint64_t bytes) ABSL_LOCKS_EXCLUDED(mutex_);
  // `early`: the deletion is for lack of space.
  void Delete(const std::vector<SegmentPtr>& segments, bool early) ABSL_LOCKS_EXCLUDED(mutex_);
  void DeleteOld(absl::Time now) ABSL_LOCKS_EXCLUDED(mutex_);
  void TrimToSize() ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status Remove(HostBytes excess) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status CountHeld() ABSL_LOCKS_EXCLUDED(mutex_);
  void SubtractHeld(const HostBytes& gone);

  const std::string directory_;
  const Options options_;
  // The members down to decoded_ are used only by the appending thread.
  uint64_t limit_;  // of the log, in bytes
  HostNumbers numbers_;
  LogState state_;
  std::string saved_state_;          // the state file's content
  std::vector<std::string> doomed_;  // files of deleted segments, until the state says so
  RetentionClock clock_;
  bool told_of_clock_ = false;
  // The bytes that each host holds in all segments, once they have been counted; and for each host
  // the number of the first segment that may still have its blocks.
  std::optional<HostBytes> held_;
  HostBytes taken_out_before_;
  BatchDecoder decoder_;
  RecordBatch decoded_;

  mutable absl::Mutex mutex_;
  std::vector<SegmentPtr> segments_ ABSL_GUARDED_BY(mutex_);  // never empty
  // Missing segments, by the number of the next segment that exists.
  std::map<uint64_t, std::vector<Damage>> missing_ ABSL_GUARDED_BY(mutex_);
  // Segment and offset of each place where reading has found damage.
  mutable std::set<std::pair<uint64_t, uint64_t>> found_damaged_ ABSL_GUARDED_BY(mutex_);
  LogStats stats_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_LOG_SEGMENT_STORE_H_
