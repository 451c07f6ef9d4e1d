#ifndef FIREBREAK_TESTS_BENCH_LOG_RECORDS_H_
#define FIREBREAK_TESTS_BENCH_LOG_RECORDS_H_

#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "proto/log/batch.h"

namespace firebreak::bench {

inline constexpr uint64_t kLogHosts = 20;
inline constexpr absl::Time kLogBegin = absl::FromUnixSeconds(1'795'219'200);

// The records of one of so many batches, which are spread over a day: scans from addresses all over
// the Internet, of one host after the other.
std::vector<Record> LogRecords(uint64_t batch, uint64_t batches, Texts& texts);

}  // namespace firebreak::bench

#endif  // FIREBREAK_TESTS_BENCH_LOG_RECORDS_H_
