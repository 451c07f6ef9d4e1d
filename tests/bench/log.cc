// SPDX-License-Identifier: Apache-2.0

// Measures the log, in one run: packets from the kernel to a file, by Firebreak's recorder (which
// also spools them for the controller) and by ulogd2; packets to the controller's store, by
// Firebreak's programs; batches into the controller's store and into SQLite; searches and exports
// of many records, by Firebreak's programs, ripgrep and ClickHouse; questions to the audit trail.
// Ratios are per second of CPU time, times are as a user sees them.
//
//   bazel run -c opt //tests/bench:log -- [--millions N] [capture] [store] [search] [audit]
//
// measures the named parts, or all; a search is among N million records, by default 10.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/bench/log_bench.h"
#include "tests/bench/namespace_pair.h"

namespace firebreak::bench {

double CpuOf(const rusage& usage) {
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void PrintRatio(const char* what, double ours, double theirs, const char* unit) {
  printf("%-52s %12.0f %12.0f %8.2f  %s\n", what, ours, theirs, ours / theirs, unit);
  printf(
      "{\"what\": \"%s\", \"ours\": %.0f, \"theirs\": %.0f, \"ratio\": %.3f, \"unit\": \"%s\"}\n",
      what, ours, theirs, ours / theirs, unit);
  fflush(stdout);
}

namespace {

int Main(int argc, char** argv) {
  uint64_t millions = 10;
  std::set<std::string> parts;
  for (int i = 1; i < argc; ++i) {
    if (strcmp(argv[i], "--millions") == 0 && i + 1 < argc) {
      millions = strtoull(argv[++i], nullptr, 10);
    } else {
      parts.insert(argv[i]);
    }
  }
  if (parts.empty()) parts = {"capture", "store", "search", "audit"};
  const std::string directory = "/tmp/fbt-bench-log";
  const auto empty = [&] {
    Run(absl::StrCat("rm -rf ", directory, " && mkdir -m 0700 ", directory));
  };
  if (parts.contains("capture") || parts.contains("store")) {
    printf("%-52s %12s %12s %8s\n", "", "ours", "theirs", "ratio");
  }
  empty();
  if (parts.contains("capture")) BenchCapture(directory);
  if (parts.contains("store")) BenchStore(directory);
  empty();
  if (parts.contains("search")) BenchSearch(directory, millions);
  empty();
  if (parts.contains("audit")) BenchAudit(directory);
  Run(absl::StrCat("rm -rf ", directory));
  return 0;
}

}  // namespace
}  // namespace firebreak::bench

int main(int argc, char** argv) { return firebreak::bench::Main(argc, argv); }
