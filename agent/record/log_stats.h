// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_RECORD_LOG_STATS_H_
#define FIREBREAK_AGENT_RECORD_LOG_STATS_H_

#include <cstdint>

namespace firebreak::agent {

// Counters of the log's recorder since the agent started.
struct LogStats {
  uint64_t records = 0;  // records written to the spool, without declarations of losses
  uint64_t lost = 0;     // records declared as lost between the kernel and the spool
  uint64_t spooled = 0;  // records waiting for the controller now
  // Records that the spool dropped for newer ones; the controller declares them.
  uint64_t spool_dropped = 0;
  uint64_t file_lost = 0;  // lines that the log file did not take
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_RECORD_LOG_STATS_H_
