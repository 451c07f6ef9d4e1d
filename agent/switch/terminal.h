// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_SWITCH_TERMINAL_H_
#define FIREBREAK_AGENT_SWITCH_TERMINAL_H_

#include <string>

#include "absl/status/statusor.h"
#include "agent/switch/process.h"
#include "base/descriptor/descriptor.h"

namespace firebreak::agent {

// A terminal, open for reading and writing, non-blocking, and not the agent's own.
struct Terminal {
  Descriptor descriptor;
  std::string name;  // "/dev/pts/3"
};

// Opens the terminal that controls the process according to the kernel. FailedPrecondition: the
// process has no terminal, or does not run in its foreground, so that the person at the terminal
// may not have started it just now.
absl::StatusOr<Terminal> OpenTerminalOf(const Process& process);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_SWITCH_TERMINAL_H_
