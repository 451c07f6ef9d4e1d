#ifndef FIREBREAK_AGENT_METRICS_METRICS_H_
#define FIREBREAK_AGENT_METRICS_METRICS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "agent/record/log_figures.h"

namespace firebreak::agent {

// What the agent's metrics are made from, at one moment.
struct Figures {
  bool connected = false;
  uint64_t revision = 0;  // in force and proven good; 0: none
  bool on_trial = false;
  uint64_t refused = 0;  // revisions, since the start
  uint64_t undone = 0;
  double apply_seconds = 0;  // of the last one
  uint64_t foreign_changes = 0;
  // By the names of the rules' counters: "drop.unsolicited" → packets.
  std::map<std::string, uint64_t> packets;
  std::optional<uint64_t> flows;  // none: the kernel does not track connections
  std::optional<uint64_t> flows_limit;
  std::optional<LogFigures> log;
};

// The numbers of the kernel's table of connections, for `figures`. Any thread.
void CountFlows(Figures& figures);

// In Prometheus's text format. Any thread.
std::string WriteMetrics(const Figures& figures);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_METRICS_METRICS_H_
