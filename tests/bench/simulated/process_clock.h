// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_TESTS_BENCH_SIMULATED_PROCESS_CLOCK_H_
#define FIREBREAK_TESTS_BENCH_SIMULATED_PROCESS_CLOCK_H_

#include <sys/types.h>

namespace firebreak::bench {

// Returns the CPU time that a process has used so far, in seconds.
double CpuOf(pid_t process);

// Returns "VmRSS", "VmHWM" or the like of a process, in KiB.
long MemoryOf(pid_t process, const char* which);

// Kills the process and waits for its end.
void End(pid_t process);

}  // namespace firebreak::bench

#endif  // FIREBREAK_TESTS_BENCH_SIMULATED_PROCESS_CLOCK_H_
