// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_PROTO_LOG_W3C_H_
#define FIREBREAK_PROTO_LOG_W3C_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "firebreak/v1/log.pb.h"
#include "proto/log/interned_strings.h"
#include "proto/log/record.h"

namespace firebreak {

// The header lines of a log in the W3C Extended Log File Format (W3C WD-logfile-960323), with the
// fields of pfirewall.log. Times are UTC.
absl::string_view W3cHeader();
// The same for a log of many hosts: times have microseconds, and each line ends with the host.
absl::string_view FleetW3cHeader();

// Writes records as lines of such a file. Not thread-safe.
class W3cWriter {
 public:
  // Appends the record's line, with its line feed.
  void Append(const Record& record, const InternedStrings& texts, std::string& out);
  void AppendOfFleet(const Record& record, const InternedStrings& texts, absl::string_view host,
                     std::string& out);

 private:
  // Writes the line up to its reason to `to`, and returns the end. `micros`: with microseconds.
  char* Write(const Record& record, const InternedStrings& texts, bool micros, char* to);

  int64_t second_ = -1;  // the second that moment_ shows
  char moment_[32];
};

// Returns the line of a record that came in a message; texts that are not escaped are escaped.
std::string W3cLine(const v1::LogRecord& record);
std::string FleetW3cLine(const v1::LogRecord& record);

}  // namespace firebreak

#endif  // FIREBREAK_PROTO_LOG_W3C_H_
