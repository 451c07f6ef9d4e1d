// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VIEW_RECORD_LINES_H_
#define FIREBREAK_CLI_VIEW_RECORD_LINES_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "proto/log/interned_strings.h"
#include "proto/log/record.h"

namespace firebreak::cli {

// Writes records of the fleet's log as the same lines that CsvLine (log_lines.h) and the JSON form
// of v1::LogRecord have, at a small part of their cost. Not thread-safe.
class RecordLines {
 public:
  // `sequence` is 0 if the record has no number.
  void AppendCsv(const std::string& host, uint64_t sequence, const Record& record,
                 const InternedStrings& texts, std::string& out);
  void AppendJson(const std::string& host, uint64_t sequence, const Record& record,
                  const InternedStrings& texts, std::string& out);

 private:
  // Returns the time up to its seconds: "2026-11-21T13:05:30".
  absl::string_view MomentOf(const Record& record);

  int64_t second_ = -1;  // the second that moment_ shows
  std::string moment_;
};

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VIEW_RECORD_LINES_H_
