#ifndef FIREBREAK_AGENT_RECORD_LOG_FIGURES_H_
#define FIREBREAK_AGENT_RECORD_LOG_FIGURES_H_

#include <cstdint>

namespace firebreak::agent {

// What the recording of the log counts since the agent was started.
struct LogFigures {
  uint64_t records = 0;        // that are in the spool, or were; without declarations
  uint64_t lost = 0;           // declared as lost between the kernel and the spool
  uint64_t spooled = 0;        // waiting for the controller now
  uint64_t spool_dropped = 0;  // gave way in the spool; the controller declares them
  uint64_t file_lost = 0;      // lines that the log file did not take
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_RECORD_LOG_FIGURES_H_
