#ifndef FIREBREAK_TESTS_BENCH_SIMULATED_SWARM_H_
#define FIREBREAK_TESTS_BENCH_SIMULATED_SWARM_H_

#include <sys/types.h>

#include <string>

#include "base/descriptor/descriptor.h"
#include "tests/bench/simulated/scoreboard.h"

namespace firebreak::bench {

// A process that is some of the simulated hosts, for as long as the object lives. What they do is
// on the scoreboard.
class Swarm {
 public:
  // The hosts `first` to `end` - 1 of the fleet whose authority is `ca` (PEM), at 127.0.0.1:PORT.
  Swarm(Scoreboard& board, size_t first, size_t end, int port, const std::string& ca);
  ~Swarm();
  Swarm(const Swarm&) = delete;
  Swarm& operator=(const Swarm&) = delete;

  // All hosts enrol, some at a time.
  void Enrol(const std::string& token) { Tell("enrol " + token); }
  // All hosts open their stream, and do so again whenever it ends.
  void Connect() { Tell("connect"); }

  double Cpu() const;

 private:
  void Tell(const std::string& command);

  Descriptor commands_;
  pid_t process_;
};

}  // namespace firebreak::bench

#endif  // FIREBREAK_TESTS_BENCH_SIMULATED_SWARM_H_
