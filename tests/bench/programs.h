#ifndef FIREBREAK_TESTS_BENCH_PROGRAMS_H_
#define FIREBREAK_TESTS_BENCH_PROGRAMS_H_

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "tests/bench/namespace_pair.h"

namespace firebreak::bench {

// The path of one of our programs, "agent/firebreak-agent": below FIREBREAK_BIN, or where
// `bazel run` puts what the benchmark depends on.
std::string ProgramPath(const std::string& program);

// A program that runs in the host's namespace for as long as the object lives.
class RunningProgram {
 public:
  // What it says goes to the file `log`.
  RunningProgram(const NamespacePair& pair, const std::vector<std::string>& command,
                 const std::string& log);
  ~RunningProgram();
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;

  // The seconds of CPU that it has taken so far.
  double Cpu() const;

 private:
  pid_t process_;
};

// What a program tells Prometheus at 127.0.0.1:PORT in the host's namespace: name and labels →
// value. Empty: it does not answer.
std::map<std::string, double> Scrape(const NamespacePair& pair, uint16_t port);

}  // namespace firebreak::bench

#endif  // FIREBREAK_TESTS_BENCH_PROGRAMS_H_
