// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_TESTS_BENCH_SIMULATED_MEASURE_H_
#define FIREBREAK_TESTS_BENCH_SIMULATED_MEASURE_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace firebreak::bench {

// The measured figures in the order of their measurement: "small policy, acknowledged (ms)" → 12.
using Stats = std::vector<std::pair<std::string, double>>;

struct Subject {
  size_t hosts = 0;
  std::string controller;  // path of the program
  std::string directory;   // for its data; must exist and be empty
  int port = 0;
  double patience = 300;  // seconds for each step; a step that takes longer counts as infinite
};

// Starts the controller, enrols and connects the simulated hosts, changes their policy in several
// ways, and kills the controller. Call this in a process of its own, because it forks the hosts'
// processes and uses gRPC.
Stats Measure(const Subject& subject);

}  // namespace firebreak::bench

#endif  // FIREBREAK_TESTS_BENCH_SIMULATED_MEASURE_H_
