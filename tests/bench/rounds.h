// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_TESTS_BENCH_ROUNDS_H_
#define FIREBREAK_TESTS_BENCH_ROUNDS_H_

#include <sched.h>
#include <stdio.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/bench/namespace_pair.h"

namespace firebreak::bench {

// The rates that one subject of a benchmark reached, by the name of the work.
class Rates {
 public:
  void Add(const std::string& work, double rate) { rates_[work].push_back(rate); }
  void Clear() { rates_.clear(); }

  bool Has(const std::string& work) const { return rates_.contains(work); }
  double Median(const std::string& work) const {
    std::vector<double> rates = rates_.at(work);
    std::sort(rates.begin(), rates.end());
    return rates[rates.size() / 2];
  }

 private:
  std::map<std::string, std::vector<double>> rates_;
};

// The subjects of a benchmark, each with its place in the table. A subject has Round(), which does
// each work once, and Forget(), which discards the rates.
template <typename Subject>
using Subjects = std::vector<std::pair<int, std::unique_ptr<Subject>>>;

// Lets the subjects take turns for a round that only warms up, and then for `rounds` rounds.
template <typename Subject>
void RunRounds(Subjects<Subject>& subjects, int rounds) {
  for (int round = 0; round <= rounds; ++round) {
    fprintf(stderr, "\rround %d of %d", round, rounds);
    // The order changes, so that no subject always comes after the same other one.
    std::rotate(subjects.begin(), subjects.begin() + 1, subjects.end());
    for (auto& [order, subject] : subjects) subject->Round();
    if (round > 0) continue;
    for (auto& [order, subject] : subjects) subject->Forget();
  }
  fprintf(stderr, "\n");
  std::sort(subjects.begin(), subjects.end());
}

// Keeps this process, and so all work on its packets, on its present CPU.
inline void StayOnOneCpu() {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(sched_getcpu(), &one);
  if (sched_setaffinity(0, sizeof one, &one) != 0) Die("stay on one CPU");
}

}  // namespace firebreak::bench

#endif  // FIREBREAK_TESTS_BENCH_ROUNDS_H_
