// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VERBS_LOG_SEARCH_H_
#define FIREBREAK_CLI_VERBS_LOG_SEARCH_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "cli/verbs/invocation.h"
#include "cli/verbs/log_options.h"
#include "firebreak/v1/log.pb.h"
#include "proto/log/batch.h"

namespace firebreak::cli {

// Receives the records of the fleet's log.
struct LogReceiver {
  // `host` is valid during the call. `sequence` is 0 for the controller's own records.
  std::function<void(const std::string& host, uint64_t sequence, const Record&,
                     const InternedStrings&)>
      on_record;
  // Called for spans that cannot be read any longer, and for all records of a controller that does
  // not send blocks.
  std::function<void(const v1::LogRecord&)> on_message;
};

// Whether the record describes a part of the answer that is missing because the log is damaged.
bool IsGap(const v1::LogRecord& record);

// Unpacks the answers of a controller. For one thread.
class LogUnpacker {
 public:
  // `uses_terms`: the request has terms that the controller must understand. FailedPrecondition:
  // the controller does not understand them. DataLoss: the answer is damaged.
  LogUnpacker(bool uses_terms, LogReceiver receiver)
      : uses_terms_(uses_terms), receiver_(std::move(receiver)) {}

  absl::Status Take(const v1::LogRecords& part);

 private:
  const bool uses_terms_;
  const LogReceiver receiver_;
  BatchDecoder decoder_;
  RecordBatch batch_;
};

// Searches the fleet's log for the newest `last` records, or for all if `last` is 0. Calls
// `after_part` after each part of the answer; if this returns false, the search ends.
absl::Status SearchLog(Invocation& invocation, const LogOptions& options, uint32_t last,
                       LogReceiver receiver,
                       const std::function<bool(const v1::LogRecords&)>& after_part);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERBS_LOG_SEARCH_H_
