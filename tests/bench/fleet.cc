// SPDX-License-Identifier: Apache-2.0

// Measures the controller with a fleet of simulated hosts, over real mutual TLS, all on this
// machine: what a change, a connection and a restart cost. It also measures the floor and, if one
// is given, another build of the controller. The simulated hosts take CPU time from the controller,
// about as much as it needs itself.
//
//   bazel run -c opt //tests/bench:fleet -- [--hosts 1000,2500] [--before PROGRAM] [--json FILE]

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/testing/temporary_directory.h"
#include "proto/endpoint/endpoint.h"
#include "tests/bench/programs.h"
#include "tests/bench/simulated/floor.h"
#include "tests/bench/simulated/measure.h"
#include "tests/bench/simulated/scoreboard.h"

namespace firebreak::bench {
namespace {

struct Options {
  std::vector<size_t> hosts = {1000, 2500, 5000, 10'000};
  std::string before;
  std::string json;
};

[[noreturn]] void Fail(const std::string& why) {
  fprintf(stderr, "fleet: %s\n", why.c_str());
  exit(2);
}

constexpr char kHelp[] =
    "usage: fleet [--hosts N,...] [--before PROGRAM] [--json FILE]\n"
    "  --hosts N,...     numbers of simulated hosts; 1000,2500,5000,10000 if nothing is said\n"
    "  --before PROGRAM  measures this build of firebreak-controller too\n"
    "  --json FILE       writes all figures to the file\n";

Options Read(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; i += 2) {
    const std::string flag = argv[i];
    if (flag == "--help") {
      printf("%s", kHelp);
      exit(0);
    }
    if (i + 1 == argc) Fail(absl::StrCat(flag, " wants a value; --help says which"));
    const std::string value = argv[i + 1];
    if (flag == "--hosts") {
      options.hosts.clear();
      for (const absl::string_view text : absl::StrSplit(value, ',')) {
        size_t hosts = 0;
        if (!absl::SimpleAtoi(text, &hosts) || hosts < 2 || hosts > Scoreboard::kMaxHosts) {
          Fail(absl::StrCat("--hosts takes numbers from 2 to ", Scoreboard::kMaxHosts));
        }
        options.hosts.push_back(hosts);
      }
    } else if (flag == "--before") {
      options.before = value;
    } else if (flag == "--json") {
      options.json = value;
    } else {
      Fail(absl::StrCat("there is no ", flag, "; --help says what there is"));
    }
  }
  return options;
}

// Measures in a process of its own, so that leftovers of one run do not affect the figures of the
// next.
Stats Apart(const std::function<Stats()>& measure) {
  int ends[2];
  if (pipe(ends) != 0) Fail("pipe");
  const pid_t process = fork();
  if (process == 0) {
    close(ends[0]);
    PrepareProcess();
    std::string text;
    for (const auto& [name, value] : measure()) absl::StrAppend(&text, name, "\t", value, "\n");
    if (write(ends[1], text.data(), text.size()) < 0) _exit(1);
    _exit(0);
  }
  close(ends[1]);
  std::string text;
  char buffer[4096];
  for (ssize_t size; (size = read(ends[0], buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<size_t>(size));
  }
  close(ends[0]);
  waitpid(process, nullptr, 0);
  Stats stats;
  for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    const std::vector<std::string> parts = absl::StrSplit(line, '\t');
    stats.emplace_back(parts[0], strtod(parts[1].c_str(), nullptr));
  }
  return stats;
}

Stats FloorStats(size_t hosts) {
  const Floor floor = MeasureFloor(hosts);
  return {{"all connect at once (s)", floor.connect_seconds},
          {"connect, controller's CPU (ms/host)", floor.connect_micros / 1000},
          {"small policy, last receipt (ms)", floor.push_seconds * 1e3},
          {"small policy, controller's CPU (µs/host)", floor.push_micros}};
}

Stats FleetStats(const std::string& controller, size_t hosts) {
  const TemporaryDirectory directory;
  // The port is below the range from which the kernel assigns ports.
  return Measure({.hosts = hosts,
                  .controller = controller,
                  .directory = directory.path(),
                  .port = 20'000 + getpid() % 10'000});
}

// Prints a column for each subject; figures that a subject lacks are left empty.
void Print(size_t hosts, const std::vector<std::pair<std::string, Stats>>& columns) {
  printf("\n%-46s", absl::StrCat(hosts, " hosts").c_str());
  for (const auto& [name, stats] : columns) printf("%12s", name.c_str());
  printf("\n");
  for (const auto& [row, unused] : columns.back().second) {
    // In UTF-8, µ takes two bytes.
    printf("%-*s", row.find("µ") == std::string::npos ? 46 : 47, row.c_str());
    for (const auto& [name, stats] : columns) {
      const std::map<std::string, double> values(stats.begin(), stats.end());
      const auto found = values.find(row);
      printf("%12s", found == values.end() ? "" : absl::StrCat(found->second).c_str());
    }
    printf("\n");
  }
  fflush(stdout);
}

std::string Json(size_t hosts, const std::string& subject, const Stats& stats) {
  std::string text = absl::StrCat("{\"hosts\": ", hosts, ", \"subject\": \"", subject, "\"");
  for (const auto& [name, value] : stats) {
    // JSON has no infinity.
    absl::StrAppend(&text, ", \"", name, "\": ", value < 1e300 ? absl::StrCat(value) : "null");
  }
  return text + "}";
}

int Main(int argc, char** argv) {
  const Options options = Read(argc, argv);
  std::vector<std::string> json;
  for (const size_t hosts : options.hosts) {
    std::vector<std::pair<std::string, Stats>> columns;
    columns.emplace_back("floor", Apart([&] { return FloorStats(hosts); }));
    if (!options.before.empty()) {
      columns.emplace_back("before", Apart([&] { return FleetStats(options.before, hosts); }));
    }
    columns.emplace_back("Firebreak", Apart([&] {
                           return FleetStats(ProgramPath("controller/firebreak-controller"), hosts);
                         }));
    Print(hosts, columns);
    for (const auto& [subject, stats] : columns) json.push_back(Json(hosts, subject, stats));
  }
  if (!options.json.empty()) {
    std::ofstream file(options.json);
    for (size_t i = 0; i < json.size(); ++i) {
      file << (i == 0 ? "[\n" : ",\n") << json[i];
    }
    file << "\n]\n";
  }
  return 0;
}

}  // namespace
}  // namespace firebreak::bench

int main(int argc, char** argv) { return firebreak::bench::Main(argc, argv); }
