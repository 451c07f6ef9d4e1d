// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_METRICS_METRICS_H_
#define FIREBREAK_AGENT_METRICS_METRICS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "agent/record/log_stats.h"

namespace firebreak::agent {

// The values from which the agent's metrics are made, at one moment.
struct Stats {
  bool connected = false;
  uint64_t revision = 0;  // the revision in force and proven good; 0: none
  bool on_trial = false;
  uint64_t refused = 0;  // number of refused revisions since the start
  uint64_t undone = 0;
  double apply_seconds = 0;  // time that the last one took
  uint64_t foreign_changes = 0;
  // Packets by the name of the rules' counter, for example "drop.unsolicited".
  std::map<std::string, uint64_t> packets;
  std::optional<uint64_t> flows;  // nullopt: the kernel does not track connections
  std::optional<uint64_t> flows_limit;
  std::optional<LogStats> log;
  struct Stack {
    bool attacked = false;
    uint64_t attacks = 0;
    uint64_t settings = 0;
    uint64_t wrong = 0;
    uint64_t changed = 0;
  };
  std::optional<Stack> stack;                  // none: no policy hardens the TCP/IP stack
  std::optional<absl::Time> certificate_ends;  // nullopt: the host is not enrolled
  std::optional<uint64_t> state_free_bytes;    // free on the disk of the state directory
  bool log_in_trouble = false;                 // records or lines cannot be written
};

// Sets the numbers of the kernel's table of connections in `figures`. Any thread may call this.
void CountFlows(Stats& stats);

// Returns the figures in Prometheus's text format. Any thread may call this.
std::string WriteMetrics(const Stats& stats);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_METRICS_METRICS_H_
