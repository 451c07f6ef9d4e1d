// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_TESTS_BENCH_LOG_BENCH_H_
#define FIREBREAK_TESTS_BENCH_LOG_BENCH_H_

#include <sys/resource.h>

#include <cstdint>
#include <string>

namespace firebreak::bench {

// The parts of the log's benchmark (log.cc). Each works in `directory`, which must exist, and
// prints its results.

// Measures packets from the kernel into a file, by Firebreak's recorder and by ulogd2, and packets
// into the controller's store, by Firebreak's programs. Runs in network namespaces of its own.
void BenchCapture(const std::string& directory);

// Measures batches into the controller's store and into SQLite, and a search in the store.
void BenchStore(const std::string& directory);

// Measures searches and exports of `millions` million records, by Firebreak's programs, ripgrep and
// ClickHouse.
void BenchSearch(const std::string& directory, uint64_t millions);

// Measures questions to an audit trail of a million rows.
void BenchAudit(const std::string& directory);

// Prints a line of the table, and the same as JSON.
void PrintRatio(const char* what, double ours, double theirs, const char* unit);

// CPU time in seconds, in user and kernel mode.
double CpuOf(const rusage& usage);

}  // namespace firebreak::bench

#endif  // FIREBREAK_TESTS_BENCH_LOG_BENCH_H_
