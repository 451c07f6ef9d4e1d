// SPDX-License-Identifier: Apache-2.0
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

// For each kernel counter, by name, how many of the packets that it has counted are in the spool,
// as records or in a declared loss.
using Accounts = std::map<std::string, uint64_t>;

struct SpooledBatch {
  uint64_t epoch = 0;
  uint64_t first_sequence = 0;
  uint32_t records = 0;
  std::string columns;  // encoded as proto/log/batch.h describes

  uint64_t end() const { return first_sequence + records; }
};

// Keeps the batches that the controller has not acknowledged on disk, in order, each with the
// accounts after it. If the agent is killed, the next one finds all that it appended. After a power
// failure the last batches may be missing, so each boot of the host begins a new epoch, whose
// numbers begin at 1.
//
// The spool is bounded: the oldest batches are dropped for new ones. The controller sees by the
// missing numbers how many records were dropped.
//
// Damage on the disk loses only the records that it hits, and their numbers are missing too. If it
// hits the end, the numbers there are unknown: then a new epoch begins and leaves out its first
// number, by which the controller knows that something was lost. The same happens when the
// controller acknowledges numbers that were never given, as the directory is then an older copy.
//
// Files: DIR/NUMBER.spool, each a sequence of frames. A frame is the length and the CRC-32C of its
// payload (4 bytes each, little-endian), then the payload. The first frame is an "H" (boot, epoch,
// first number, all accounts). The others are "C": the length of a header, the header (epoch,
// number, count, changed accounts), the header's CRC-32C, and the columns. An older version wrote
// "B" (number, count, changed accounts, columns). A file is deleted when all of it is acknowledged.
//
// Threading: one thread at a time.
class Spool {
 public:
  static constexpr uint64_t kSegmentBytes = 1 << 20;

  // Creates no file until the first Append. `boot` identifies the host's boot.
  static absl::StatusOr<Spool> Open(std::string directory, uint64_t max_bytes, uint64_t boot);
  Spool(Spool&& other) noexcept;
  Spool& operator=(Spool&&) = delete;
  ~Spool();

  // The accounts of the last Append, by this process or an earlier one; nullopt if there never was
  // one.
  const std::optional<Accounts>& accounts() const { return accounts_; }

  // Appends a batch whole or not at all. `columns` may be empty, with 0 records, to store only the
  // accounts.
  absl::Status Append(uint32_t records, absl::string_view columns, const Accounts& accounts);

  // Removes the accounts, until the next Append sets new ones.
  absl::Status ForgetAccounts();

  // Returns the next batch to send, in order, or nullopt if all are sent.
  absl::StatusOr<std::optional<SpooledBatch>> Next();
  // Makes Next begin again at the oldest batch that is not acknowledged.
  void Rewind();

  void Acknowledge(uint64_t epoch, uint64_t next_sequence);

  uint64_t bytes() const { return bytes_; }
  // The number of records that are not acknowledged.
  uint64_t waiting() const;
  // The number of records that were dropped for newer ones.
  uint64_t dropped() const { return dropped_; }

 private:
  struct Segment {
    uint64_t number = 0;
    uint64_t epoch = 0;
    uint64_t first = 1;
    uint64_t end = 1;
    uint64_t bytes = 0;
    std::map<uint64_t, uint64_t> damage;  // spans of the file that are skipped: begin → end
    bool has_batches = false;
  };
  // The header of a batch, which precedes its columns.
  struct BatchHeader {
    std::optional<uint64_t> epoch;  // nullopt: the epoch in the file's head
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
  bool ParseHead(absl::string_view payload, Segment& segment, uint64_t& boot);
  bool TakeBatch(const BatchHeader& header, Segment& segment);
  // Skips the damaged bytes at `at` of a file's content, and returns where they end.
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
  bool continues_ = false;  // the last segment is of this boot and its numbers are known
  bool cut_off_ = false;    // the last numbers of the last segment are unknown
  int writer_ = -1;         // writes the last segment
  int reader_ = -1;         // reads the segment `reading_`
  uint64_t reading_ = 0;
  uint64_t offset_ = 0;
  uint64_t acknowledged_epoch_ = 0;
  uint64_t acknowledged_ = 0;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_RECORD_SPOOL_H_
