#ifndef FIREBREAK_BASE_TIME_TIMESTAMP_H_
#define FIREBREAK_BASE_TIME_TIMESTAMP_H_

#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

namespace firebreak {

// To the nanosecond, rounded down. `time` is between the years 1 and 9999.
google::protobuf::Timestamp ToTimestamp(absl::Time time);

// Any timestamp: one from outside may hold what the protocol forbids.
absl::Time FromTimestamp(const google::protobuf::Timestamp& timestamp);

}  // namespace firebreak

#endif  // FIREBREAK_BASE_TIME_TIMESTAMP_H_
