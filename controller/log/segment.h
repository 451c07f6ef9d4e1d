#ifndef FIREBREAK_CONTROLLER_LOG_SEGMENT_H_
#define FIREBREAK_CONTROLLER_LOG_SEGMENT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "controller/log/block.h"
#include "controller/log/query.h"

namespace firebreak::controller {

// A file of blocks in the order of their arrival (block.h), and an index of them in memory: of one
// that is written to always, of others when somebody searches it.
//
// Thread-safe; one thread at a time appends. Readers may go on while the file is deleted.
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
  ~Segment();

  // Checks all of it, cuts off what a crash has left behind, and gives the numbers as they stand
  // at its end. DataLoss: there is not even a head.
  absl::Status Recover(HostNumbers& numbers);

  // Writes frames, whose blocks are given, and makes them durable: all or nothing.
  absl::Status Append(absl::string_view frames, const std::vector<Block>& blocks,
                      const std::vector<uint64_t>& lengths) ABSL_LOCKS_EXCLUDED(mutex_);

  uint64_t number() const { return number_; }
  const std::string& path() const { return path_; }
  uint64_t bytes() const ABSL_LOCKS_EXCLUDED(mutex_);
  // When something was last written to it.
  absl::Time last_written() const;

  // The first `max` blocks at or behind `from` that may hold what is wanted, `*next` behind what
  // was looked at; or the last `max` before `before`, newest first.
  absl::StatusOr<std::vector<Place>> Find(const LogQuery& query, uint64_t from, size_t max,
                                          uint64_t* next) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<std::vector<Place>> FindBefore(const LogQuery& query, uint64_t before, size_t max)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // The block; `bytes` are its frame's, `columns` point into them.
  absl::Status Read(const Place& place, std::string& bytes, Block& block,
                    absl::string_view& columns) const;

  // Gives back the memory of the index, which is made again when it is needed.
  void ForgetIndex() ABSL_LOCKS_EXCLUDED(mutex_);
  size_t indexed() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Entry {
    uint64_t offset;
    int64_t first_micros;
    int64_t last_micros;
    uint32_t length;
    uint32_t host;
    uint8_t actions;
  };
  struct Index {
    std::vector<Entry> entries;
    std::vector<std::string> hosts;
    absl::flat_hash_map<std::string, uint32_t> host_numbers;
    int64_t first_micros = std::numeric_limits<int64_t>::max();
    int64_t last_micros = std::numeric_limits<int64_t>::min();

    void Add(const Block& block, uint64_t offset, uint64_t length);
    std::vector<bool> Wanted(const LogQuery& query) const;
  };

  Segment(std::string path, uint64_t number, int descriptor)
      : path_(std::move(path)), number_(number), descriptor_(descriptor) {}

  absl::Status EnsureIndex() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  static bool MayHold(const Entry& entry, const LogQuery& query, const std::vector<bool>& wanted);

  const std::string path_;
  const uint64_t number_;
  const int descriptor_;
  mutable absl::Mutex mutex_;
  uint64_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  std::optional<Index> index_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_LOG_SEGMENT_H_
