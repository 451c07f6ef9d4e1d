#ifndef FIREBREAK_AGENT_SWITCH_PROCESS_H_
#define FIREBREAK_AGENT_SWITCH_PROCESS_H_

#include <sys/types.h>

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firebreak::agent {

// What the kernel says of a process (proc(5), /proc/PID/stat).
struct Process {
  pid_t number = 0;
  pid_t parent = 0;
  pid_t group = 0;
  dev_t terminal = 0;          // that controls it; 0: none
  pid_t foreground_group = 0;  // of that terminal
};

// NotFound: it is gone.
absl::StatusOr<Process> ReadProcess(pid_t number);

// What runs in the process and in those that it was started by: "/usr/bin/firebreak (process 12),
// started by /usr/bin/sudo, /usr/bin/bash". By the files that the kernel runs, not by names that
// a process gives itself. Printable ASCII: whatever else is in a path is a "?".
std::string DescribeProgram(const Process& process);

// Whose it is: "root", or "root, logged in as alice" where the kernel remembers a login.
std::string DescribeUser(uid_t user, pid_t process);

// `text` as it may stand where a person decides by it: printable ASCII, at most `longest` bytes.
std::string Plain(const std::string& text, size_t longest);

// `text` as it may stand in a record: UTF-8 without what controls a terminal or moves text on it,
// at most `longest` bytes.
std::string Readable(absl::string_view text, size_t longest);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_SWITCH_PROCESS_H_
