// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_LOG_SEGMENT_H_
#define FIREBREAK_CONTROLLER_LOG_SEGMENT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "controller/log/block.h"
#include "controller/log/block_summary.h"
#include "controller/log/fair_share.h"
#include "controller/log/segment_index.h"
#include "controller/log/segment_scan.h"
#include "proto/log/query.h"

namespace firebreak::controller {

// A query, and the keys for which it asks summaries.
struct BlockQuery {
  explicit BlockQuery(const LogQuery& asked) : query(asked), keys(KeysOf(asked)) {}

  const LogQuery& query;
  const QueryKeys keys;
};

// A file of blocks in the order of their arrival (block.h), with an index of them in memory. The
// index of the segment being written to is always in memory; the index of another segment is read
// from the end of its file when somebody searches it. Only the segment being written to is kept
// open.
//
// Blocks can be taken out of a segment that is no longer written to: the other blocks keep their
// offsets, and the file gets holes. Damaged parts keep their place too, and are reported to every
// search.
//
// Thread-safe, but only one thread at a time may append, seal and take out.
class Segment {
 public:
  // A block's place in the file, and what the index says about the block.
  struct Place {
    uint64_t offset = 0;
    uint64_t end = 0;
    std::string host;
    int64_t first_micros = 0;
    int64_t last_micros = 0;
    uint64_t records = 0;    // 0: unknown
    bool all_match = false;  // all records of the block are known to match
  };

  // A block to be appended.
  struct Added {
    Block block;
    uint64_t length;  // of its frame
    BlockSummary summary;
  };

  // Creates the file with a head and makes it durable. AlreadyExists: a file of that name exists.
  static absl::StatusOr<std::shared_ptr<Segment>> Create(const std::string& path, uint64_t number,
                                                         const HostNumbers& numbers);
  // Opens the file; reads only its end. FailedPrecondition: it is not a regular file.
  static absl::StatusOr<std::shared_ptr<Segment>> Open(const std::string& path, uint64_t number);

  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;

  // Whether the file ends with an index. A sealed segment does, unless a crash prevented it.
  bool sealed() const ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<SegmentScan> Scan() const ABSL_LOCKS_EXCLUDED(mutex_);
  // For a segment that is not sealed: makes the index from the scan, and remembers the damage.
  void UseScan(const SegmentScan& scan) ABSL_LOCKS_EXCLUDED(mutex_);
  // For a segment that will be written to again, after UseScan: cuts off the partial frame that a
  // crash has left.
  absl::Status Recover(uint64_t end_of_frames) ABSL_LOCKS_EXCLUDED(mutex_);

  // Writes frames that contain the given blocks and makes them durable; all or nothing.
  absl::Status Append(absl::string_view frames, std::vector<Added> blocks)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Ends appending: writes the index to the end of the file. If that fails, a search reads the
  // whole file instead.
  absl::Status Seal() ABSL_LOCKS_EXCLUDED(mutex_);

  // Takes out the oldest blocks of each host in `excess`, up to the given number of bytes or all
  // its blocks, and frees their space on disk. Returns how many bytes were taken out; adds the
  // number of their records to `records`. Unimplemented: the file system does not support holes.
  absl::StatusOr<HostBytes> Remove(const HostBytes& excess, uint64_t& records)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Adds the number of bytes of each host's blocks to `held`.
  absl::Status AddHeld(HostBytes& held) ABSL_LOCKS_EXCLUDED(mutex_);
  // The number of records in the segment, as far as its index knows it.
  uint64_t CountRecords() ABSL_LOCKS_EXCLUDED(mutex_);

  uint64_t number() const { return number_; }
  const std::string& path() const { return path_; }
  uint64_t bytes() const ABSL_LOCKS_EXCLUDED(mutex_);
  // The number of bytes that the file takes on disk.
  uint64_t stored() const ABSL_LOCKS_EXCLUDED(mutex_);
  // nullopt: the segment has no blocks, or cannot be read.
  std::optional<Arrivals> arrivals() ABSL_LOCKS_EXCLUDED(mutex_);
  // Whether blocks were taken out of the segment.
  bool taken_out() ABSL_LOCKS_EXCLUDED(mutex_);
  // Returns the known damage from offset `from` up to offset `to`.
  std::vector<Damage> DamageIn(uint64_t from, uint64_t to) const ABSL_LOCKS_EXCLUDED(mutex_);

  // Find returns the first `max` blocks at or behind `from` that may match, and sets `*next` to the
  // offset behind the blocks that it examined. FindBefore returns the last `max` blocks before
  // `before`, newest first.
  absl::StatusOr<std::vector<Place>> Find(const BlockQuery& query, uint64_t from, size_t max,
                                          uint64_t* next) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<std::vector<Place>> FindBefore(const BlockQuery& query, uint64_t before,
                                                size_t max) ABSL_LOCKS_EXCLUDED(mutex_);

  // An open file. Readers may hold it after the segment itself no longer needs it.
  struct File {
    explicit File(int opened) : descriptor(opened) {}
    ~File();
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    const int descriptor;
  };
  // NotFound: retention has deleted the file.
  absl::StatusOr<std::shared_ptr<const File>> OpenToRead() const ABSL_LOCKS_EXCLUDED(mutex_);
  // Reads a block. `bytes` receives its frame, and `columns` points into that.
  absl::Status Read(const File& file, const Place& place, std::string& bytes, Block& block,
                    absl::string_view& columns) const;

  // Releases the memory of the index, which is read again when it is needed.
  void ForgetIndex() ABSL_LOCKS_EXCLUDED(mutex_);
  size_t indexed() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  Segment(std::string path, uint64_t number) : path_(std::move(path)), number_(number) {}

  absl::StatusOr<std::shared_ptr<const File>> OpenFile(int flags) const;
  std::pair<std::shared_ptr<const File>, uint64_t> WriterAndBytes() const
      ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status WriteIndex(int descriptor, const std::vector<BlockSummary>& summaries)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status EnsureIndex() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Returns the filter of each block, in the index's order; empty if the filters cannot be read.
  std::vector<absl::string_view> Filters(KeyKind kind, std::string& bytes) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::vector<BlockSummary> Summaries() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Whether each block of the index may match.
  std::vector<bool> Candidates(const BlockQuery& query, size_t from, size_t to)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Place PlaceOf(const SegmentIndex::Entry& entry, const LogQuery& query) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  size_t FirstFrom(uint64_t offset) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Measure(int descriptor) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string path_;
  const uint64_t number_;
  mutable absl::Mutex mutex_;
  std::shared_ptr<const File> writer_ ABSL_GUARDED_BY(mutex_);
  uint64_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t stored_ ABSL_GUARDED_BY(mutex_) = 0;
  bool sealed_ ABSL_GUARDED_BY(mutex_) = false;
  uint64_t index_at_ ABSL_GUARDED_BY(mutex_) = 0;  // where the last index in the file begins
  std::optional<Arrivals> arrivals_ ABSL_GUARDED_BY(mutex_);
  std::optional<SegmentIndex> index_ ABSL_GUARDED_BY(mutex_);
  // The summaries of the blocks, while the segment is being written to.
  std::vector<BlockSummary> summaries_ ABSL_GUARDED_BY(mutex_);
  std::vector<Damage> damage_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_LOG_SEGMENT_H_
