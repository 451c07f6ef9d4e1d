// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_TESTS_BENCH_LOG_RECORDS_H_
#define FIREBREAK_TESTS_BENCH_LOG_RECORDS_H_

#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "proto/log/batch.h"

namespace firebreak::bench {

inline constexpr uint64_t kLogHosts = 20;
inline constexpr absl::Time kLogBegin = absl::FromUnixSeconds(1'795'219'200);

// Makes the records of one of `batches` batches, which are spread over a day: scans of one host
// after the other, from addresses all over the Internet.
std::vector<Record> LogRecords(uint64_t batch, uint64_t batches, InternedStrings& texts);

}  // namespace firebreak::bench

#endif  // FIREBREAK_TESTS_BENCH_LOG_RECORDS_H_
