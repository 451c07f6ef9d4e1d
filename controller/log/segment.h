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
#include "absl/time/time.h"
#include "controller/log/block.h"
#include "controller/log/fair_share.h"
#include "controller/log/segment_index.h"
#include "proto/log/query.h"

namespace firebreak::controller {

// A file of blocks in the order of their arrival (block.h), and an index of them in memory: of one
// that is written to always, of others, from their ends, when somebody searches it. Only one that
// is written to is kept open.
//
// Blocks can be taken out of one that is no longer written to: the others keep their places, the
// file has holes.
//
// Thread-safe; one thread at a time appends, seals and takes out.
class Segment {
 public:
  struct Place {
    uint64_t offset = 0;
    uint64_t end = 0;
  };

  // Makes the file, with a head, and makes it durable.
  static absl::StatusOr<std::shared_ptr<Segment>> Create(const std::string& path, uint64_t number,
                                                         const HostNumbers& numbers);
  // Reads no more than it must.
  static absl::StatusOr<std::shared_ptr<Segment>> Open(const std::string& path, uint64_t number);

  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;

  // Of one that goes on being written to: checks all of it, cuts off what a crash has left behind,
  // and gives the numbers as they stand at its end. DataLoss: there is not even a head.
  absl::Status Recover(HostNumbers& numbers);

  // Writes frames, whose blocks are given, and makes them durable: all or nothing.
  absl::Status Append(absl::string_view frames, const std::vector<Block>& blocks,
                      const std::vector<uint64_t>& lengths) ABSL_LOCKS_EXCLUDED(mutex_);

  // Nothing is appended any more: the index goes to the end. If that fails, a search finds it by
  // reading more. The file is from then on as old as its newest block.
  absl::Status Seal() ABSL_LOCKS_EXCLUDED(mutex_);

  // Takes out the oldest blocks of each host of `excess`, as many as have so many bytes, or all
  // that there are, and returns how many bytes they had. Their place on the disk is free then.
  // Unimplemented: the file system has no holes.
  absl::StatusOr<HostBytes> TakeOut(const HostBytes& excess) ABSL_LOCKS_EXCLUDED(mutex_);
  // Adds the bytes of each host's blocks.
  absl::Status AddHeld(HostBytes& held) ABSL_LOCKS_EXCLUDED(mutex_);

  uint64_t number() const { return number_; }
  const std::string& path() const { return path_; }
  uint64_t bytes() const ABSL_LOCKS_EXCLUDED(mutex_);
  // What it takes on the disk.
  uint64_t stored() const ABSL_LOCKS_EXCLUDED(mutex_);
  // When the newest block arrived, of one that is no longer written to.
  absl::Time last_written() const;
  // When the oldest did, of one that is written to; none: it has none.
  std::optional<absl::Time> first_written() const ABSL_LOCKS_EXCLUDED(mutex_);

  // The first `max` blocks at or behind `from` that may hold what is wanted, `*next` behind what
  // was looked at; or the last `max` before `before`, newest first.
  absl::StatusOr<std::vector<Place>> Find(const LogQuery& query, uint64_t from, size_t max,
                                          uint64_t* next) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<std::vector<Place>> FindBefore(const LogQuery& query, uint64_t before, size_t max)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // The block; `bytes` are its frame's, `columns` point into them. NotFound: retention has taken
  // the file.
  absl::Status Read(const Place& place, std::string& bytes, Block& block,
                    absl::string_view& columns) const ABSL_LOCKS_EXCLUDED(mutex_);

  // Gives back the memory of the index, which is made again when it is needed.
  void ForgetIndex() ABSL_LOCKS_EXCLUDED(mutex_);
  size_t indexed() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // An open file, which its readers may still need when nobody appends any more.
  struct File {
    explicit File(int opened) : descriptor(opened) {}
    ~File();
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    const int descriptor;
  };

  Segment(std::string path, uint64_t number) : path_(std::move(path)), number_(number) {}

  absl::StatusOr<std::shared_ptr<const File>> OpenFile(int flags) const;
  std::pair<std::shared_ptr<const File>, uint64_t> WriterAndBytes() const
      ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status WriteIndex(int descriptor) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status EnsureIndex() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void NoteArrival(const Block& block) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Measure(int descriptor) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string path_;
  const uint64_t number_;
  mutable absl::Mutex mutex_;
  std::shared_ptr<const File> writer_ ABSL_GUARDED_BY(mutex_);
  uint64_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t stored_ ABSL_GUARDED_BY(mutex_) = 0;
  // Of the blocks of one that is written to.
  std::optional<int64_t> first_arrived_micros_ ABSL_GUARDED_BY(mutex_);
  int64_t last_arrived_micros_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t index_at_ ABSL_GUARDED_BY(mutex_) = 0;  // where the last index in the file begins
  std::optional<SegmentIndex> index_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_LOG_SEGMENT_H_
