// SPDX-License-Identifier: Apache-2.0
#include "agent/local/peer.h"

#include <errno.h>
#include <grp.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace firebreak::agent {
namespace {

// Returns the peer's supplementary groups.
std::vector<gid_t> GroupsOf(int socket) {
  std::vector<gid_t> groups(64);
  for (;;) {
    auto bytes = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
    if (getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &bytes) == 0) {
      groups.resize(bytes / sizeof(gid_t));
      return groups;
    }
    // The kernel returns the required size; there are at most 65,536 groups (NGROUPS_MAX).
    if (errno != ERANGE || bytes <= groups.size() * sizeof(gid_t)) return {};
    groups.resize(bytes / sizeof(gid_t));
  }
}

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77  // since Linux 6.5; asm-generic/socket.h
#endif

// Returns a handle of the process that has connected, or null if the kernel gives none.
std::shared_ptr<const Descriptor> HandleOf(int socket, pid_t process) {
  int handle = -1;
  socklen_t bytes = sizeof handle;
  const bool failed = getsockopt(socket, SOL_SOCKET, SO_PEERPIDFD, &handle, &bytes) != 0;
  // An older kernel can only be asked for whoever has the number now. One that knows the option
  // fails if the process has ended, and another may have its number.
  if (failed && errno == ENOPROTOOPT) {
    handle = static_cast<int>(syscall(SYS_pidfd_open, process, 0));
  }
  return handle < 0 ? nullptr : std::make_shared<const Descriptor>(handle);
}

}  // namespace

absl::StatusOr<Caller> IdentifyPeer(int socket, std::optional<gid_t> group) {
  ucred credentials = {};
  socklen_t bytes = sizeof credentials;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &bytes) != 0) {
    return absl::ErrnoToStatus(errno, "ask who connects");
  }
  Caller caller = {.local = true,
                   .user = credentials.uid,
                   .process = credentials.pid,
                   .process_handle = HandleOf(socket, credentials.pid)};
  caller.may_act = credentials.uid == 0 || credentials.uid == geteuid();
  if (caller.may_act) return caller;
  if (group.has_value()) {
    const std::vector<gid_t> groups = GroupsOf(socket);
    if (credentials.gid == *group ||
        std::find(groups.begin(), groups.end(), *group) != groups.end()) {
      return caller;
    }
  }
  return absl::PermissionDeniedError(
      "only root and the members of the group that its --socket-group names may ask this host's "
      "agent");
}

absl::StatusOr<gid_t> FindGroup(const std::string& name) {
  std::vector<char> buffer(64 << 10);
  group entry = {};
  group* found = nullptr;
  const int error = getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found != nullptr) return entry.gr_gid;
  if (error != 0) return absl::ErrnoToStatus(error, absl::StrCat("look for the group ", name));
  return absl::NotFoundError(absl::StrCat("this host has no group ", name));
}

}  // namespace firebreak::agent
