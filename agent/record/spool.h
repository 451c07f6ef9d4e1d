// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_RECORD_SPOOL_H_
#define FIREBREAK_AGENT_RECORD_SPOOL_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "agent/record/spool_segment.h"

namespace firebreak::agent {

struct SpooledBatch {
  uint64_t epoch = 0;
  uint64_t first_sequence = 0;
  uint32_t records = 0;
  std::string columns;  // encoded as proto/log/batch.h describes

  uint64_t end() const { return first_sequence + records; }
};

// Keeps the batches that the controller has not acknowledged on disk, in order, each with the
// accounts after it. If the agent is killed, the next one finds all that it appended.
//
// Each Spool object begins a new epoch of numbers with its first batch. So no number is given
// twice, even if the files were restored from an older copy, or a power failure took the last ones.
//
// The spool is bounded: the oldest batches are dropped for new ones. The controller sees by the
// missing numbers how many records were dropped. Where no number would be missing, because all
// batches of an epoch are gone, the current epoch leaves out as many numbers.
//
// Damage on the disk loses only the records that it hits, and their numbers are missing too. If it
// hits the end of an epoch, where no later number shows it, the current epoch leaves out as many
// numbers, or one where the number of lost records is unknown; some of them may have reached the
// controller before. The current epoch also leaves out a number when the controller has batches of
// an epoch that the spool does not have: the files are an older copy then.
//
// Files: DIR/NUMBER.spool, in the format of spool_format.h. A file is deleted when all of it is
// acknowledged.
//
// Threading: one thread at a time.
class Spool {
 public:
  static constexpr uint64_t kSegmentBytes = 1 << 20;

  // Creates no file until the first Append.
  static absl::StatusOr<Spool> Open(std::string directory, uint64_t max_bytes);
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
  Spool(std::string directory, uint64_t max_bytes)
      : directory_(std::move(directory)), max_bytes_(max_bytes) {}

  std::string PathOf(uint64_t number) const;
  absl::Status Load();
  absl::Status LoadSegment(uint64_t number);
  absl::Status BeginSegment();
  absl::Status OpenWriter();
  absl::Status WriteFrame(absl::string_view payload);
  absl::StatusOr<std::string> ReadFrame();
  // Drops the oldest files until there is room for `bytes` bytes.
  void MakeRoom(uint64_t bytes);
  void DeleteFirst();
  bool IsAcknowledged(const SpoolSegment& segment) const;
  void CloseWriter();
  void CloseReader();

  const std::string directory_;
  const uint64_t max_bytes_;
  std::deque<SpoolSegment> segments_;
  uint64_t bytes_ = 0;
  uint64_t dropped_ = 0;
  std::optional<Accounts> accounts_;
  bool continues_ = false;  // this object has begun the last segment
  // How many numbers the next segment leaves out, for records whose loss no other gap shows.
  uint64_t left_out_ = 0;
  // The number of records dropped from the epoch of the oldest segment. A gap shows them as long as
  // a later batch of that epoch is there.
  uint64_t dropped_of_oldest_epoch_ = 0;
  int writer_ = -1;  // writes the last segment
  int reader_ = -1;  // reads the segment `reading_`
  uint64_t reading_ = 0;
  uint64_t offset_ = 0;
  uint64_t acknowledged_epoch_ = 0;
  uint64_t acknowledged_ = 0;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_RECORD_SPOOL_H_
