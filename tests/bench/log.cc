// SPDX-License-Identifier: Apache-2.0

// Measures the log, in one run: packets from the kernel to a file, by Firebreak's recorder (which
// also spools them for the controller) and by ulogd2; packets to the controller's store, by
// Firebreak's programs; batches into the controller's store and into SQLite; a search of ten
// million records. Ratios are per second of CPU time.

#include <stdio.h>

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

int Main() {
  const std::string directory = "/tmp/fbt-bench-log";
  Run(absl::StrCat("rm -rf ", directory, " && mkdir -m 0700 ", directory));
  printf("%-52s %12s %12s %8s\n", "", "ours", "theirs", "ratio");
  BenchCapture(directory);
  BenchStore(directory);
  Run(absl::StrCat("rm -rf ", directory));
  return 0;
}

}  // namespace
}  // namespace firebreak::bench

int main() { return firebreak::bench::Main(); }
