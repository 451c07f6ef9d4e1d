// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_TESTS_BENCH_DETECTOR_COST_H_
#define FIREBREAK_TESTS_BENCH_DETECTOR_COST_H_

#include <cstdint>

namespace firebreak::bench {

// The cost of the agent's detector of connection request floods, on a thread of its own.
struct DetectorCost {
  // Shares of one core.
  double nothing = 0;  // the same loop, while no policy asks for a detector
  double idle = 0;
  double busy = 0;
  // Half-open connections at the beginning and at the end of the busy time, during which the host
  // counts as under attack.
  uint64_t half_open = 0;
  uint64_t left = 0;
};

// Takes three times `seconds`. The kernel's own work for the connections is not included.
DetectorCost MeasureDetector(int seconds, int connections);

}  // namespace firebreak::bench

#endif  // FIREBREAK_TESTS_BENCH_DETECTOR_COST_H_
