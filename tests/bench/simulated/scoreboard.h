// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_TESTS_BENCH_SIMULATED_SCOREBOARD_H_
#define FIREBREAK_TESTS_BENCH_SIMULATED_SCOREBOARD_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace firebreak::bench {

// The state of the simulated hosts that the benchmark observes, in memory shared with their
// processes.
struct Scoreboard {
  static constexpr size_t kMaxHosts = 10'000;

  struct Host {
    std::atomic<bool> enrolled = false;
    std::atomic<bool> online = false;    // the controller has sent something on the stream
    std::atomic<uint64_t> revision = 0;  // the revision of the newest receipt sent
    std::atomic<uint64_t> undone = 0;    // the number of revisions that the host has undone
  };

  // Whether hosts prove that they reach the controller after a new policy.
  std::atomic<bool> reach = false;
  // Revisions from this one up to the second cut hosts off: no attempt to reach the controller
  // succeeds under them.
  std::atomic<uint64_t> cuts_off = UINT64_MAX;
  std::atomic<uint64_t> cuts_off_until = UINT64_MAX;
  std::atomic<uint64_t> pushes = 0;
  std::atomic<uint64_t> attempts = 0;  // attempts to reach the controller
  std::atomic<uint64_t> failed_attempts = 0;
  std::atomic<uint64_t> lost = 0;  // number of streams that ended
  Host hosts[kMaxHosts];
};

// The name of the simulated host with this number.
inline std::string HostName(size_t number) { return "host-" + std::to_string(number); }

// Makes a scoreboard in memory that processes forked from this one share. It is never freed.
Scoreboard& MakeScoreboard();

size_t Count(const Scoreboard& board, size_t hosts,
             const std::function<bool(const Scoreboard::Host&)>& holds);

}  // namespace firebreak::bench

#endif  // FIREBREAK_TESTS_BENCH_SIMULATED_SCOREBOARD_H_
