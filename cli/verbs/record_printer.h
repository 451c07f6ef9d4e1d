// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VERBS_RECORD_PRINTER_H_
#define FIREBREAK_CLI_VERBS_RECORD_PRINTER_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "cli/verbs/invocation.h"
#include "cli/verbs/log_search.h"
#include "cli/view/record_lines.h"
#include "firebreak/v1/log.pb.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "proto/log/w3c.h"

namespace firebreak::cli {

// Prints log records in the invocation's format, each as it arrives, however many there are. In
// json a search is an array; with `endless` each record is a document of its own.
class RecordPrinter {
 public:
  struct Options {
    bool endless = false;
    // Whether the records come from many hosts; in w3c each line then has its host, and times have
    // fractions.
    bool fleet = false;
    absl::TimeZone zone = absl::UTCTimeZone();
  };

  RecordPrinter(Invocation& invocation, const Options& options);

  void Print(const google::protobuf::RepeatedPtrField<v1::LogRecord>& records);
  // Returns a receiver that collects the output in memory until Flush.
  LogReceiver Receiver();
  // Writes the collected output, so that a reader need not wait for the last record.
  void Flush();

  // Must be called after the last record. DataLoss: the log is damaged, and spans of the answer are
  // missing.
  absl::Status End();

  uint64_t printed() const { return printed_; }

 private:
  void PrintOne(const v1::LogRecord& record);
  void PrintRecord(const std::string& host, uint64_t sequence, const Record& record,
                   const InternedStrings& texts);

  Invocation& invocation_;
  const Options options_;
  W3cWriter w3c_;
  RecordLines lines_;
  std::string text_;
  uint64_t printed_ = 0;
  uint64_t gaps_ = 0;
  std::string first_gap_;
};

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERBS_RECORD_PRINTER_H_
