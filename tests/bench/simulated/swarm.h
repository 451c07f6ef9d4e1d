// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_TESTS_BENCH_SIMULATED_SWARM_H_
#define FIREBREAK_TESTS_BENCH_SIMULATED_SWARM_H_

#include <sys/types.h>

#include <string>

#include "base/descriptor/descriptor.h"
#include "tests/bench/simulated/scoreboard.h"

namespace firebreak::bench {

// A process that simulates some of the hosts as long as this object lives. The scoreboard shows
// what the hosts do.
class Swarm {
 public:
  // Simulates the hosts `first` to `end` - 1 of the fleet at 127.0.0.1:PORT whose authority is `ca`
  // (PEM).
  Swarm(Scoreboard& board, size_t first, size_t end, int port, const std::string& ca);
  ~Swarm();
  Swarm(const Swarm&) = delete;
  Swarm& operator=(const Swarm&) = delete;

  // Enrols all hosts, several at a time.
  void Enrol(const std::string& token) { Tell("enrol " + token); }
  // Has all hosts open their streams, and open them again whenever they end.
  void Connect() { Tell("connect"); }

  double Cpu() const;

 private:
  void Tell(const std::string& command);

  Descriptor commands_;
  pid_t process_;
};

}  // namespace firebreak::bench

#endif  // FIREBREAK_TESTS_BENCH_SIMULATED_SWARM_H_
