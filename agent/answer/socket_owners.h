#ifndef FIREBREAK_AGENT_ANSWER_SOCKET_OWNERS_H_
#define FIREBREAK_AGENT_ANSWER_SOCKET_OWNERS_H_

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace firebreak::agent {

// Who holds a socket: the process with the smallest number that does.
struct SocketOwner {
  pid_t process = 0;
  std::string name;  // as the kernel has it (comm)
  std::string unit;  // of systemd, by its cgroup; empty: none
};

// By the sockets' inodes, from /proc. What ends or hides meanwhile is left out. Reads a link for
// each open file of the host: for a thread that may take its time.
std::map<uint32_t, SocketOwner> FindOwners(const std::set<uint32_t>& inodes);

// The unit in a line of /proc/PID/cgroup: "0::/system.slice/ssh.service" → "ssh.service".
std::string UnitOfCgroup(const std::string& line);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_ANSWER_SOCKET_OWNERS_H_
