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

// A query with the keys that it asks summaries for.
struct BlockQuery {
  explicit BlockQuery(const LogQuery& asked) : query(asked), keys(KeysOf(asked)) {}

  const LogQuery& query;
  const QueryKeys keys;
};

// A file of blocks in the order of their arrival (block.h), and an index of them in memory: of one
// that is written to always, of others, from their ends, when somebody searches it. Only one that
// is written to is kept open.
//
// Blocks can be taken out of one that is no longer written to: the others keep their places, the
// file has holes. What is damaged keeps its place too, and is told to whoever searches.
//
// Thread-safe; one thread at a time appends, seals and takes out.
class Segment {
 public:
  // A block in the file, with what its index says of it.
  struct Place {
    uint64_t offset = 0;
    uint64_t end = 0;
    std::string host;
    int64_t first_micros = 0;
    int64_t last_micros = 0;
    uint64_t records = 0;  // 0: unknown
  };

  // A block that is appended.
  struct Added {
    Block block;
    uint64_t length;  // of its frame
    BlockSummary summary;
  };

  // Makes the file, with a head, and makes it durable. AlreadyExists: something has the name.
  static absl::StatusOr<std::shared_ptr<Segment>> Create(const std::string& path, uint64_t number,
                                                         const HostNumbers& numbers);
  // Reads no more than its end. FailedPrecondition: it is no plain file.
  static absl::StatusOr<std::shared_ptr<Segment>> Open(const std::string& path, uint64_t number);

  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;

  // Whether it ends with an index, as one does that was sealed; a crash may have prevented that.
  bool sealed() const ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<SegmentScan> Scan() const ABSL_LOCKS_EXCLUDED(mutex_);
  // For a segment that is not sealed: makes the index from what was found, and tells of the damage.
  void UseScan(const SegmentScan& scan) ABSL_LOCKS_EXCLUDED(mutex_);
  // For a segment that goes on being written to, after UseScan: cuts off what a crash has left
  // behind.
  absl::Status Recover(uint64_t end_of_frames) ABSL_LOCKS_EXCLUDED(mutex_);

  // Writes frames, whose blocks are given, and makes them durable: all or nothing.
  absl::Status Append(absl::string_view frames, std::vector<Added> blocks)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Nothing is appended any more: the index goes to the end. If that fails, a search finds it by
  // reading more.
  absl::Status Seal() ABSL_LOCKS_EXCLUDED(mutex_);

  // Takes out the oldest blocks of each host of `excess`, as many as have so many bytes, or all
  // that there are, and returns how many bytes they had; adds their records to `records`. Their
  // place on the disk is free then. Unimplemented: the file system has no holes.
  absl::StatusOr<HostBytes> TakeOut(const HostBytes& excess, uint64_t& records)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Adds the bytes of each host's blocks.
  absl::Status AddHeld(HostBytes& held) ABSL_LOCKS_EXCLUDED(mutex_);
  // How many records it has, as far as its index knows.
  uint64_t CountRecords() ABSL_LOCKS_EXCLUDED(mutex_);

  uint64_t number() const { return number_; }
  const std::string& path() const { return path_; }
  uint64_t bytes() const ABSL_LOCKS_EXCLUDED(mutex_);
  // What it takes on the disk.
  uint64_t stored() const ABSL_LOCKS_EXCLUDED(mutex_);
  // None: it has no blocks, or cannot be read.
  std::optional<Arrivals> arrivals() ABSL_LOCKS_EXCLUDED(mutex_);
  // Blocks were taken out of it.
  bool taken_out() ABSL_LOCKS_EXCLUDED(mutex_);
  // What is known to be damaged at or behind `from` and before `to`.
  std::vector<Damage> DamageIn(uint64_t from, uint64_t to) const ABSL_LOCKS_EXCLUDED(mutex_);

  // The first `max` blocks at or behind `from` that may hold what is wanted, `*next` behind what
  // was looked at; or the last `max` before `before`, newest first.
  absl::StatusOr<std::vector<Place>> Find(const BlockQuery& query, uint64_t from, size_t max,
                                          uint64_t* next) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<std::vector<Place>> FindBefore(const BlockQuery& query, uint64_t before,
                                                size_t max) ABSL_LOCKS_EXCLUDED(mutex_);

  // An open file, which its readers may still need when nobody appends any more.
  struct File {
    explicit File(int opened) : descriptor(opened) {}
    ~File();
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    const int descriptor;
  };
  // NotFound: retention has taken the file.
  absl::StatusOr<std::shared_ptr<const File>> OpenToRead() const ABSL_LOCKS_EXCLUDED(mutex_);
  // The block; `bytes` are its frame's, `columns` point into them.
  absl::Status Read(const File& file, const Place& place, std::string& bytes, Block& block,
                    absl::string_view& columns) const;

  // Gives back the memory of the index, which is made again when it is needed.
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
  // The filter of each block, in the index's order; none if they cannot be had.
  std::vector<absl::string_view> Filters(KeyKind kind, std::string& bytes) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::vector<BlockSummary> Summaries() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Whether each block of the index may hold what is wanted.
  std::vector<bool> Candidates(const BlockQuery& query, size_t from, size_t to)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Place PlaceOf(const SegmentIndex::Entry& entry) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
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
  // The summaries of the blocks, if the segment is written to.
  std::vector<BlockSummary> summaries_ ABSL_GUARDED_BY(mutex_);
  std::vector<Damage> damage_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_LOG_SEGMENT_H_
