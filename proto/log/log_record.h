// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_PROTO_LOG_LOG_RECORD_H_
#define FIREBREAK_PROTO_LOG_LOG_RECORD_H_

#include "firebreak/v1/log.pb.h"
#include "proto/log/interned_strings.h"
#include "proto/log/record.h"

namespace firebreak {

// Converts a record to a message; the caller must add the host and the sequence number.
v1::LogRecord ToLogRecord(const Record& record, const InternedStrings& texts);

}  // namespace firebreak

#endif  // FIREBREAK_PROTO_LOG_LOG_RECORD_H_
