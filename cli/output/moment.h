// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_OUTPUT_MOMENT_H_
#define FIREBREAK_CLI_OUTPUT_MOMENT_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

namespace firebreak::cli {

// Returns a time and how long ago it was: "2026-11-21 09:21:09 UTC (3 min ago)"; "never" if it is
// not set. A host may send any time; one that RFC 3339 cannot express is "unknown".
std::string Moment(const google::protobuf::Timestamp& time, absl::Time now);

// Returns "3 s", "5 min", "2 h", "4 days": the largest unit that fits, rounded down.
std::string Rough(absl::Duration duration);

// Returns "380 µs", "4.2 ms", "1.3 s".
std::string Micros(uint64_t micros);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_OUTPUT_MOMENT_H_
