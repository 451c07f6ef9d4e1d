#ifndef FIREBREAK_TESTS_BENCH_LOG_BENCH_H_
#define FIREBREAK_TESTS_BENCH_LOG_BENCH_H_

#include <sys/resource.h>

#include <string>

namespace firebreak::bench {

// The parts of the log's benchmark (log.cc). Each works in `directory`, which is there, and prints
// what it has found.

// Packets from the kernel into a file, by our recorder and by ulogd2; and by our programs into the
// controller's store. In network namespaces of its own.
void BenchCapture(const std::string& directory);

// Batches into the controller's store and into SQLite; a search of ten million records.
void BenchStore(const std::string& directory);

// A line of the table, and the same as JSON.
void PrintRatio(const char* what, double ours, double theirs, const char* unit);

// Seconds, in user and kernel mode.
double CpuOf(const rusage& usage);

}  // namespace firebreak::bench

#endif  // FIREBREAK_TESTS_BENCH_LOG_BENCH_H_
