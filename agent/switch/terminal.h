#ifndef FIREBREAK_AGENT_SWITCH_TERMINAL_H_
#define FIREBREAK_AGENT_SWITCH_TERMINAL_H_

#include <string>

#include "absl/status/statusor.h"
#include "agent/switch/process.h"
#include "base/descriptor/descriptor.h"

namespace firebreak::agent {

// A terminal, open for reading and writing, non-blocking, and not this process's own.
struct Terminal {
  Descriptor descriptor;
  std::string name;  // "/dev/pts/3"
};

// The terminal that controls the process, by the kernel's word and not the process's.
// FailedPrecondition: it has none, or does not run in its foreground, so that whoever sits there
// has not started it just now.
absl::StatusOr<Terminal> OpenTerminalOf(const Process& process);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_SWITCH_TERMINAL_H_
