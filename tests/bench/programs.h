// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_TESTS_BENCH_PROGRAMS_H_
#define FIREBREAK_TESTS_BENCH_PROGRAMS_H_

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "tests/bench/namespace_pair.h"

namespace firebreak::bench {

// Returns the path of one of Firebreak's programs, such as "agent/firebreak-agent": below
// FIREBREAK_BIN, or where `bazel run` puts the benchmark's data dependencies.
std::string ProgramPath(const std::string& program);

// A program that runs in the host's namespace as long as this object lives.
class RunningProgram {
 public:
  // The program's output goes to the file `log`.
  RunningProgram(const NamespacePair& pair, const std::vector<std::string>& command,
                 const std::string& log);
  ~RunningProgram();
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;

  // The CPU time that the program has used so far, in seconds.
  double Cpu() const;
  // The largest amount of memory that the program has used, in MiB.
  long PeakMemory() const;

 private:
  pid_t process_;
};

// Returns the metrics of a program at 127.0.0.1:PORT in the host's namespace: name and labels →
// value. Empty if the program does not answer.
std::map<std::string, double> Scrape(const NamespacePair& pair, uint16_t port);

}  // namespace firebreak::bench

#endif  // FIREBREAK_TESTS_BENCH_PROGRAMS_H_
