// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_ANSWER_SOCKET_OWNERS_H_
#define FIREBREAK_AGENT_ANSWER_SOCKET_OWNERS_H_

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace firebreak::agent {

// The process that holds a socket; if several do, the one with the smallest number.
struct SocketOwner {
  pid_t process = 0;
  std::string name;  // the kernel's name of the process (comm)
  std::string unit;  // the systemd unit, from the cgroup; empty if there is none
};

// Finds the owners of sockets in /proc; the keys are the sockets' inodes. Processes that end
// meanwhile or are hidden are left out. Reads a link for each open file of the host, so call this
// on a thread that may take its time.
std::map<uint32_t, SocketOwner> FindOwners(const std::set<uint32_t>& inodes);

// Returns the unit in a line of /proc/PID/cgroup: "0::/system.slice/ssh.service" → "ssh.service".
std::string UnitOfCgroup(const std::string& line);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_ANSWER_SOCKET_OWNERS_H_
