// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_LOG_LOG_STORE_H_
#define FIREBREAK_CONTROLLER_LOG_LOG_STORE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "proto/log/batch.h"
#include "proto/log/interned_strings.h"
#include "proto/log/query.h"
#include "proto/log/record.h"

namespace firebreak::controller {

// A host's batch, as described at LogBatch; `host` is the name in its certificate.
struct HostBatch {
  std::string host;
  uint64_t epoch = 0;
  uint64_t first_sequence = 0;
  std::string columns;

  // Set by Append. InvalidArgument: no agent sends such a batch.
  absl::Status status;
  // All records of the epoch below this number are on disk; the host need not keep them.
  uint64_t next_sequence = 0;
};

// A place between two records. Positions ascend in the order in which the records arrived.
struct LogPosition {
  uint64_t segment = 0;
  uint64_t offset = 0;
  uint64_t record = 0;

  friend auto operator<=>(const LogPosition&, const LogPosition&) = default;
};

// A position as text, which is opaque to those who receive it. ParsePosition returns nullopt for a
// text that PrintPosition does not print.
std::string PrintPosition(const LogPosition& position);
std::optional<LogPosition> ParsePosition(const std::string& text);

// Matching records of one host; valid only during the call that it is passed to.
struct StoredBlock {
  const std::string& host;
  uint64_t first_sequence;  // 0: the controller's own declaration
  absl::string_view columns;
  const RecordBatch& batch;             // the decoded columns
  const std::vector<uint32_t>& chosen;  // indices of the matching records; never empty

  uint64_t SequenceOf(uint32_t index) const {
    return first_sequence == 0 ? 0 : first_sequence + index;
  }
};

// A part of the log that an answer lacks because the log is damaged.
struct LogGap {
  std::string host;  // empty: any host
  // The span of the arrival times, or of the records' times.
  int64_t since_micros = 0;
  int64_t until_micros = 0;
  uint64_t records = 0;  // number of lost records; 0: unknown
  bool missing = false;  // a whole segment is missing; else a part of one is damaged
};

// A block whose records all match, not decoded; valid only during the call that it is passed to.
struct WholeBlock {
  const std::string& host;
  uint64_t first_sequence;  // 0: the controller's own declaration
  absl::string_view columns;
};

// Called by Read, in the order of the log.
struct LogVisitor {
  std::function<void(const StoredBlock&)> on_block;
  std::function<void(const LogGap&)> on_gap;
  // If set, called instead of on_block for blocks whose records are known to match all, which saves
  // the decoding.
  std::function<void(const WholeBlock&)> on_whole_block = nullptr;
};

// The counters of a log since it was opened.
struct LogStats {
  uint64_t records = 0;        // records stored, without declarations of losses
  uint64_t lost = 0;           // records declared as lost, by hosts and by the store
  uint64_t bytes = 0;          // bytes on disk now
  uint64_t damaged = 0;        // spans that cannot be read
  uint64_t gave_way = 0;       // records deleted early for lack of space
  uint64_t free_bytes = 0;     // bytes free on the disk now
  uint64_t kept_free = 0;      // free bytes that the log leaves to the database
  double stalled_seconds = 0;  // how long storing has been failing; set by the intake
};

// The fleet's log. Thread-safe, but only one thread at a time may append.
//
// Numbers that are missing between a host's records mean that its spool dropped records: the store
// adds a record INFO-EVENTS-LOST of that host. Records that the store already has are not stored
// again.
class LogStore {
 public:
  virtual ~LogStore() = default;

  // Stores all batches or none, and returns when they are on disk; each batch then has its status
  // and next_sequence. On an error nothing was stored, and the caller may retry.
  virtual absl::Status Append(std::span<HostBatch> batches, absl::Time now) = 0;

  // The position behind the newest record.
  virtual LogPosition End() const = 0;
  // The position before the oldest record.
  virtual LogPosition Begin() const = 0;

  // Moves `position` back over `count` matching records, or to the first record if there are fewer,
  // and reduces `count` by the records that it has passed. Appends the positions of blocks with
  // matching records, and of damage, to `blocks`, newest first. Returns false when it is done, true
  // after a portion of the work.
  virtual absl::StatusOr<bool> GoBack(const LogQuery& query, LogPosition& position, uint64_t& count,
                                      std::vector<LogPosition>& blocks) const = 0;

  // Shows the matching records between `position`, which it advances, and `end`. Returns false when
  // it has reached `end`, true after a portion of the work or, at the end of a block, after
  // `max_records`. Skips records that retention has deleted meanwhile.
  virtual absl::StatusOr<bool> Read(const LogQuery& query, LogPosition& position,
                                    const LogPosition& end, size_t max_records,
                                    const LogVisitor& visitor) const = 0;

  // Deletes records that are too old or too many. Call this regularly, also when nothing is
  // appended; `passed` is the time since the last call, by a steady clock.
  virtual void Expire(absl::Time now, absl::Duration passed) = 0;

  virtual LogStats stats() const = 0;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_LOG_LOG_STORE_H_
