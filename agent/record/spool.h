#ifndef FIREBREAK_AGENT_RECORD_SPOOL_H_
#define FIREBREAK_AGENT_RECORD_SPOOL_H_

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firebreak::agent {

// By the name of a kernel counter, how many of the packets that it has counted are in the spool, as
// records or in a declared loss.
using Accounts = std::map<std::string, uint64_t>;

struct SpooledBatch {
  uint64_t epoch = 0;
  uint64_t first_sequence = 0;
  uint32_t records = 0;
  std::string columns;  // as proto/log/batch.h has them

  uint64_t end() const { return first_sequence + records; }
};

// The batches that the controller has not acknowledged, on disk, in order, with the accounts as
// they stood after each. An agent that is killed finds all that it appended. After an end of power
// the last ones may be missing, so a new boot begins a new epoch, whose numbers begin at 1.
//
// It is bounded: the oldest batches give way. Their numbers are missing then from what the
// controller gets, and that is how it knows how many they were.
//
// What is damaged on the disk loses its own records only, and their numbers are missing too. Where
// the numbers themselves cannot be known, at the end, a new epoch begins, and leaves out its first
// number: the controller declares that something was lost.
//
// Files: DIR/NUMBER.spool, each a run of frames: length and CRC-32C (4 bytes each, little-endian),
// then what they are of: first a frame "H" (boot, epoch, first number, all accounts), then frames
// "C": a header (epoch, number, count, changed accounts) behind its length, its own CRC-32C, and
// the columns. An older version wrote "B" (number, count, changed accounts, columns). A file is
// deleted when all of it is acknowledged.
//
// Threading: one thread at a time.
class Spool {
 public:
  static constexpr uint64_t kSegmentBytes = 1 << 20;

  // Creates nothing until the first Append. `boot` names the host's boot.
  static absl::StatusOr<Spool> Open(std::string directory, uint64_t max_bytes, uint64_t boot);
  Spool(Spool&& other) noexcept;
  Spool& operator=(Spool&&) = delete;
  ~Spool();

  // What the last Append gave, of this process or the one before it; none if there never was one.
  const std::optional<Accounts>& accounts() const { return accounts_; }

  // All or nothing. `columns` may be empty with 0 records: only the accounts are kept.
  absl::Status Append(uint32_t records, absl::string_view columns, const Accounts& accounts);

  // From here on there are no accounts.
  absl::Status ForgetAccounts();

  // The next batch to send, in order; none: all are sent.
  absl::StatusOr<std::optional<SpooledBatch>> Next();
  // Next begins again with the oldest that is not acknowledged.
  void Rewind();

  void Acknowledge(uint64_t epoch, uint64_t next_sequence);

  uint64_t bytes() const { return bytes_; }
  // Records that are not acknowledged.
  uint64_t waiting() const;
  // How many records have given way to newer ones.
  uint64_t dropped() const { return dropped_; }

 private:
  struct Segment {
    uint64_t number = 0;
    uint64_t epoch = 0;
    uint64_t first = 1;
    uint64_t end = 1;
    uint64_t bytes = 0;
    std::map<uint64_t, uint64_t> damage;  // spans of the file that are passed over
    bool has_batches = false;
  };
  // What stands before the columns of a batch.
  struct BatchHeader {
    std::optional<uint64_t> epoch;  // none: that of the file's head
    uint64_t first = 0;
    uint64_t records = 0;
    Accounts changed;
  };

  Spool(std::string directory, uint64_t max_bytes, uint64_t boot)
      : directory_(std::move(directory)), max_bytes_(max_bytes), boot_(boot) {}

  std::string PathOf(uint64_t number) const;
  absl::Status Load();
  absl::Status LoadSegment(uint64_t number);
  static bool ReadHeader(absl::string_view& payload, BatchHeader& header);
  bool TakeHead(absl::string_view payload, Segment& segment, uint64_t& boot);
  bool TakeBatch(const BatchHeader& header, Segment& segment);
  // Passes over what is damaged at `at` in a file's bytes, and returns where that ends.
  size_t PassDamage(absl::string_view bytes, size_t at, Segment& segment);
  absl::Status BeginSegment();
  absl::Status WriteFrame(absl::string_view payload);
  absl::StatusOr<std::string> ReadFrame();
  void DeleteFirst();
  bool IsAcknowledged(const Segment& segment) const;
  void CloseWriter();
  void CloseReader();

  const std::string directory_;
  const uint64_t max_bytes_;
  const uint64_t boot_;
  std::deque<Segment> segments_;
  uint64_t bytes_ = 0;
  uint64_t dropped_ = 0;
  std::optional<Accounts> accounts_;
  bool continues_ = false;  // the last segment is of this boot, and its numbers are known
  bool cut_off_ = false;    // what its numbers were at the end is not known
  int writer_ = -1;         // of the last segment
  int reader_ = -1;         // of the segment `reading_`
  uint64_t reading_ = 0;
  uint64_t offset_ = 0;
  uint64_t acknowledged_epoch_ = 0;
  uint64_t acknowledged_ = 0;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_RECORD_SPOOL_H_
