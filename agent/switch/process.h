// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_SWITCH_PROCESS_H_
#define FIREBREAK_AGENT_SWITCH_PROCESS_H_

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace firebreak::agent {

// A process, as the kernel describes it (proc(5), /proc/PID/stat).
struct Process {
  pid_t number = 0;
  pid_t parent = 0;
  pid_t group = 0;
  dev_t terminal = 0;          // the controlling terminal; 0: none
  pid_t foreground_group = 0;  // of that terminal
  uint64_t started = 0;        // clock ticks since the machine booted
};

// NotFound: the process is gone.
absl::StatusOr<Process> ReadProcess(pid_t number);

// When the process started, by the clock as it is set now.
absl::Time StartOf(const Process& process);

// Describes the program that the process runs and the programs that started it: "/usr/bin/firebreak
// (process 12), started by /usr/bin/sudo, /usr/bin/bash". The names are the files that the kernel
// executes, not names that a process gives itself. The text is printable ASCII; other bytes in a
// path become "?".
std::string DescribeProgram(const Process& process);

// Describes the process's user: "root", or "root, logged in as alice" if the kernel knows the
// login.
std::string DescribeUser(uid_t user, pid_t process);

// Returns `text` in a form that is safe to show to a person who decides by it: printable ASCII, at
// most `longest` bytes.
std::string Plain(const std::string& text, size_t longest);

// Returns `text` in a form that is safe to record: UTF-8 without characters that control a terminal
// or move text, at most `longest` bytes.
std::string Readable(absl::string_view text, size_t longest);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_SWITCH_PROCESS_H_
