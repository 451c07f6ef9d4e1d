// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/simulated/process_clock.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include <fstream>
#include <string>

namespace firebreak::bench {

double CpuOf(pid_t process) {
  clockid_t clock;
  timespec time = {};
  if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &time) != 0) return 0;
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

long MemoryOf(pid_t process, const char* which) {
  std::ifstream file("/proc/" + std::to_string(process) + "/status");
  const std::string wanted = std::string(which) + ":";
  for (std::string word; file >> word;) {
    long value = 0;
    if (word == wanted && file >> value) return value;
  }
  return 0;
}

void End(pid_t process) {
  kill(process, SIGKILL);
  waitpid(process, nullptr, 0);
}

}  // namespace firebreak::bench
