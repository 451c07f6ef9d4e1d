// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VIEW_LOG_LINES_H_
#define FIREBREAK_CLI_VIEW_LOG_LINES_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "firebreak/v1/log.pb.h"

namespace firebreak::cli {

// Formats records one by one, as they arrive, in columns of fixed widths, so that the first need
// not wait for the last. A value that is too wide shifts the rest of its line.
std::string LogHeading(absl::TimeZone zone, bool colours);
std::string LogLine(const v1::LogRecord& record, absl::TimeZone zone, bool colours);

// Returns one end of what a record is about: "192.0.2.1", with a port "192.0.2.1:80".
std::string EndOf(const std::string& address, uint32_t port, bool has_port);

// Returns a sentence about a part of the log that cannot be read any more: "web-1: 40 records that
// arrived from … to …".
std::string GapText(const v1::LogRecord& gap, absl::TimeZone zone);

// The lines of a CSV file (RFC 4180, but with line feeds alone), with times in UTC.
std::string CsvHeading();
std::string CsvLine(const v1::LogRecord& record);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VIEW_LOG_LINES_H_
