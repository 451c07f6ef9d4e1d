#ifndef FIREBREAK_CLI_VERBS_LOG_SEARCH_H_
#define FIREBREAK_CLI_VERBS_LOG_SEARCH_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "cli/verbs/log_options.h"
#include "cli/verbs/session.h"
#include "firebreak/v1/log.pb.h"
#include "proto/log/batch.h"

namespace firebreak::cli {

// Who is shown the records of the fleet's log.
struct LogReceiver {
  // `host` lives as long as the call; `sequence` 0: the controller's own.
  std::function<void(const std::string& host, uint64_t sequence, const Record&, const Texts&)>
      on_record;
  // What cannot be read any more; and all records of a controller that does not send blocks.
  std::function<void(const v1::LogRecord&)> on_message;
};

// Whether the record tells what an answer lacks because the log is damaged.
bool IsGap(const v1::LogRecord& record);

// Unpacks what came from a controller. For one thread.
class LogUnpacker {
 public:
  // `uses_terms`: the request has terms that the controller must understand. FailedPrecondition: it
  // does not. DataLoss: what it sent is damaged.
  LogUnpacker(bool uses_terms, LogReceiver receiver)
      : uses_terms_(uses_terms), receiver_(std::move(receiver)) {}

  absl::Status Take(const v1::LogRecords& part);

 private:
  const bool uses_terms_;
  const LogReceiver receiver_;
  BatchDecoder decoder_;
  RecordBatch batch_;
};

// Searches the fleet's log: the newest `last`, or all if that is 0. `after_part` is called after
// each part of the answer; false ends the search.
absl::Status SearchLog(Session& session, const LogOptions& options, uint32_t last,
                       LogReceiver receiver,
                       const std::function<bool(const v1::LogRecords&)>& after_part);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERBS_LOG_SEARCH_H_
