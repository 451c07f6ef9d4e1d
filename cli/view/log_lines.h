#ifndef FIREBREAK_CLI_VIEW_LOG_LINES_H_
#define FIREBREAK_CLI_VIEW_LOG_LINES_H_

#include <string>

#include "absl/time/time.h"
#include "firebreak/v1/log.pb.h"

namespace firebreak::cli {

// Records one by one as they come, in columns of fixed widths, so that the first need not wait for
// the last. What is too wide pushes the rest of its line aside.
std::string LogHeading(absl::TimeZone zone, bool colours);
std::string LogLine(const v1::LogRecord& record, absl::TimeZone zone, bool colours);

// What cannot be read any more, for people: "web-1: 40 records that arrived from … to …".
std::string GapText(const v1::LogRecord& gap, absl::TimeZone zone);

// The lines of a CSV file (RFC 4180, with line feeds alone), times in UTC.
std::string CsvHeading();
std::string CsvLine(const v1::LogRecord& record);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VIEW_LOG_LINES_H_
