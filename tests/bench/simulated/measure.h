#ifndef FIREBREAK_TESTS_BENCH_SIMULATED_MEASURE_H_
#define FIREBREAK_TESTS_BENCH_SIMULATED_MEASURE_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace firebreak::bench {

// What was measured, in the order in which it was: "small policy, acknowledged (ms)" → 12.
using Figures = std::vector<std::pair<std::string, double>>;

struct Subject {
  size_t hosts = 0;
  std::string controller;  // the program's path
  std::string directory;   // for its data; exists, and is empty
  int port = 0;
  double patience = 300;  // seconds for each step; one that takes longer is infinite
};

// Starts the controller, enrols and connects so many simulated hosts, changes their policy in
// several ways, and kills the controller. To be called in a process of its own: it forks the hosts'
// processes and uses gRPC.
Figures Measure(const Subject& subject);

}  // namespace firebreak::bench

#endif  // FIREBREAK_TESTS_BENCH_SIMULATED_MEASURE_H_
