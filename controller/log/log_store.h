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
#include "proto/log/query.h"
#include "proto/log/record.h"
#include "proto/log/texts.h"

namespace firebreak::controller {

// A host's batch, as LogBatch says; `host` is who it is by its certificate.
struct HostBatch {
  std::string host;
  uint64_t epoch = 0;
  uint64_t first_sequence = 0;
  std::string columns;

  // What Append makes of it. InvalidArgument: no agent sends such a thing.
  absl::Status status;
  // Everything of the epoch before this is on disk; the host need not keep it.
  uint64_t next_sequence = 0;
};

// A place between two records. Positions ascend in the order in which records arrived.
struct LogPosition {
  uint64_t segment = 0;
  uint64_t offset = 0;
  uint64_t record = 0;

  friend auto operator<=>(const LogPosition&, const LogPosition&) = default;
};

// A position as text, opaque to whoever gets it. ParsePosition: none if PrintPosition does not
// print such a text.
std::string PrintPosition(const LogPosition& position);
std::optional<LogPosition> ParsePosition(const std::string& text);

// Records of one host that match; lives as long as the call that it is given to.
struct StoredBlock {
  const std::string& host;
  uint64_t first_sequence;  // 0: the controller's own
  absl::string_view columns;
  const RecordBatch& batch;             // what the columns hold
  const std::vector<uint32_t>& chosen;  // which of its records match; never none

  uint64_t SequenceOf(uint32_t index) const {
    return first_sequence == 0 ? 0 : first_sequence + index;
  }
};

// What an answer lacks because the log is damaged.
struct LogGap {
  std::string host;  // empty: of any host
  // When it arrived, or what times its records have.
  int64_t since_micros = 0;
  int64_t until_micros = 0;
  uint64_t records = 0;  // 0: unknown
  bool missing = false;  // a whole segment; else what was in it is damaged
};

// Who reads the log. Both are called in the order of the log.
struct LogVisitor {
  std::function<void(const StoredBlock&)> on_block;
  std::function<void(const LogGap&)> on_gap;
};

// What a log counts since it was opened.
struct LogFigures {
  uint64_t records = 0;        // taken in; without declarations
  uint64_t lost = 0;           // declared as lost, by hosts and by the store
  uint64_t bytes = 0;          // on the disk now
  uint64_t damaged = 0;        // spans that cannot be read
  uint64_t gave_way = 0;       // records deleted early, for want of space
  uint64_t free_bytes = 0;     // on the disk now
  uint64_t kept_free = 0;      // of these, what the log leaves to the database
  double stalled_seconds = 0;  // how long no record could be stored; the intake knows
};

// The fleet's log. Thread-safe; one thread at a time appends.
//
// What a host's numbers leave out its spool had to let go: the store says so in a record
// INFO-EVENTS-LOST of the host. What it has already it takes no second time.
class LogStore {
 public:
  virtual ~LogStore() = default;

  // Takes in all batches, or none, and returns when they are on the disk; each then has its status
  // and number. An error: nothing was taken in, and the same may be tried again.
  virtual absl::Status Append(std::span<HostBatch> batches, absl::Time now) = 0;

  // Behind the newest record.
  virtual LogPosition End() const = 0;
  // Before the oldest.
  virtual LogPosition Begin() const = 0;

  // Goes back from `position` over `count` records that match, or to the first one if there are
  // fewer; lowers `count` by those that it has passed. Appends to `blocks`, newest first, where
  // Read finds those, and what is damaged. Returns false when it is there; true after some work.
  virtual absl::StatusOr<bool> GoBack(const LogQuery& query, LogPosition& position, uint64_t& count,
                                      std::vector<LogPosition>& blocks) const = 0;

  // Shows what matches between `position`, which it moves, and `end`. Returns false when it is
  // there; true after some work or, at the end of a block, `max_records`. What retention has taken
  // meanwhile is passed over.
  virtual absl::StatusOr<bool> Read(const LogQuery& query, LogPosition& position,
                                    const LogPosition& end, size_t max_records,
                                    const LogVisitor& visitor) const = 0;

  // Deletes what is too old, or too much. Called now and then, also when nothing is appended;
  // `passed` is the time since the last call, by a clock that nobody sets.
  virtual void Expire(absl::Time now, absl::Duration passed) = 0;

  virtual LogFigures figures() const = 0;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_LOG_LOG_STORE_H_
