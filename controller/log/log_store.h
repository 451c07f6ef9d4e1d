#ifndef FIREBREAK_CONTROLLER_LOG_LOG_STORE_H_
#define FIREBREAK_CONTROLLER_LOG_LOG_STORE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
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

// As text, for whom it is but a token; none if it is not one of Print's.
std::string PrintPosition(const LogPosition& position);
std::optional<LogPosition> ParsePosition(const std::string& text);

// A record with what it needs to be understood; lives as long as the call that it is given to.
struct StoredRecord {
  const std::string& host;
  const Record& record;
  const Texts& texts;
  uint64_t sequence;  // 0: the controller's own
};

// What a log counts since it was opened.
struct LogFigures {
  uint64_t records = 0;  // taken in; without declarations
  uint64_t lost = 0;     // declared as lost, by hosts and by the store
  uint64_t bytes = 0;    // on the disk now
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
  // fewer; lowers `count` by those that it has passed. Returns false when it is there; true after
  // some work.
  virtual absl::StatusOr<bool> GoBack(const LogQuery& query, LogPosition& position,
                                      uint64_t& count) const = 0;

  // Calls `each` for records that match, from `position` on, which it moves. Returns false at the
  // end; true after some work or `max_records`, when there may be more. What retention has taken
  // meanwhile is passed over.
  virtual absl::StatusOr<bool> Read(const LogQuery& query, LogPosition& position,
                                    size_t max_records,
                                    const std::function<void(const StoredRecord&)>& each) const = 0;

  // Deletes what is too old. Called now and then, also when nothing is appended.
  virtual void Expire(absl::Time now) = 0;

  virtual LogFigures figures() const = 0;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_LOG_LOG_STORE_H_
