// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_BASE_TIME_TIMESTAMP_H_
#define FIREBREAK_BASE_TIME_TIMESTAMP_H_

#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

namespace firebreak {

// Converts to nanosecond resolution, rounding down. `time` must be in the years 1 to 9999.
google::protobuf::Timestamp ToTimestamp(absl::Time time);

// Converts any timestamp, including values that the protobuf specification forbids.
absl::Time FromTimestamp(const google::protobuf::Timestamp& timestamp);

}  // namespace firebreak

#endif  // FIREBREAK_BASE_TIME_TIMESTAMP_H_
