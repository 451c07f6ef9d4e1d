// SPDX-License-Identifier: Apache-2.0
#include "base/metrics/exposition.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"

namespace firebreak {

void Histogram::Observe(absl::Duration duration) {
  const double seconds = std::max(0.0, absl::ToDoubleSeconds(duration));
  const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), seconds);
  ++counts_[static_cast<size_t>(bound - kBounds.begin())];
  sum_seconds_ += seconds;
}

void Exposition::Begin(absl::string_view name, absl::string_view type, absl::string_view help) {
  name_ = std::string(name);
  absl::StrAppend(&text_, "# HELP ", name, " ", help, "\n# TYPE ", name, " ", type, "\n");
}

void Exposition::Write(absl::string_view name, Labels labels, double value) {
  absl::StrAppend(&text_, name);
  const char* separator = "{";
  for (const auto& [label, text] : labels) {
    absl::StrAppend(&text_, separator, label, "=\"",
                    absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}, {"\n", "\\n"}}),
                    "\"");
    separator = ",";
  }
  absl::StrAppend(&text_, labels.size() == 0 ? " " : "} ", absl::StrFormat("%.17g", value), "\n");
}

void Exposition::Sample(double value, Labels labels) { Write(name_, labels, value); }

void Exposition::Of(absl::string_view name, absl::string_view help, const Histogram& histogram) {
  Begin(name, "histogram", help);
  uint64_t below = 0;
  for (size_t i = 0; i < Histogram::kBounds.size(); ++i) {
    below += histogram.counts()[i];
    Write(absl::StrCat(name, "_bucket"), {{"le", absl::StrFormat("%g", Histogram::kBounds[i])}},
          static_cast<double>(below));
  }
  below += histogram.counts().back();
  Write(absl::StrCat(name, "_bucket"), {{"le", "+Inf"}}, static_cast<double>(below));
  Write(absl::StrCat(name, "_sum"), {}, histogram.sum_seconds());
  Write(absl::StrCat(name, "_count"), {}, static_cast<double>(below));
}

namespace {

// Returns when this process began, in seconds since 1970, or 0 if the kernel does not say. The 22nd
// field of /proc/self/stat is in clock ticks since the host was booted (proc(5)).
double StartTime() {
  std::ifstream boot("/proc/stat");
  double booted = 0;
  for (std::string word; boot >> word;) {
    if (word == "btime" && boot >> booted) break;
  }
  std::ifstream stat("/proc/self/stat");
  std::string line;
  std::getline(stat, line);
  // The second field is a name in parentheses, which may have spaces.
  std::istringstream fields(line.substr(line.rfind(')') + 1));
  std::string skipped;
  for (int field = 3; field < 22; ++field) fields >> skipped;
  double ticks = 0;
  if (booted == 0 || !(fields >> ticks)) return 0;
  return booted + ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace

void Exposition::Process() {
  // The second number of /proc/self/statm (proc(5)) is the resident size in pages.
  std::ifstream statm("/proc/self/statm");
  double size = 0;
  double resident = 0;
  statm >> size >> resident;
  Gauge("process_resident_memory_bytes", "Resident memory of this process.",
        resident * static_cast<double>(sysconf(_SC_PAGESIZE)));
  rusage used = {};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  Counter("process_cpu_seconds_total", "CPU time of this process, in user and kernel mode.",
          seconds(used.ru_utime) + seconds(used.ru_stime));
  Gauge("process_start_time_seconds", "When this process began, in seconds since 1970.",
        StartTime());
}

}  // namespace firebreak
