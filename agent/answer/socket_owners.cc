// SPDX-License-Identifier: Apache-2.0
#include "agent/answer/socket_owners.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace firebreak::agent {
namespace {

struct CloseDirectory {
  void operator()(DIR* directory) const { closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

std::string FirstLine(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// Parses the inode from the target of a link, such as "socket:[12345]".
std::optional<uint32_t> InodeOf(absl::string_view link) {
  uint32_t inode = 0;
  if (!absl::ConsumePrefix(&link, "socket:[") || !absl::ConsumeSuffix(&link, "]") ||
      !absl::SimpleAtoi(link, &inode)) {
    return std::nullopt;
  }
  return inode;
}

std::string Unit(const std::string& process) {
  std::ifstream file(absl::StrCat("/proc/", process, "/cgroup"));
  std::string line;
  while (std::getline(file, line)) {
    // The line is that of the unified hierarchy, or of systemd's own hierarchy on older hosts.
    if (absl::StartsWith(line, "0::") || absl::StrContains(line, ":name=systemd:")) {
      if (std::string unit = UnitOfCgroup(line); !unit.empty()) return unit;
    }
  }
  return "";
}

}  // namespace

std::string UnitOfCgroup(const std::string& line) {
  std::string unit;
  for (absl::string_view part : absl::StrSplit(line, '/')) {
    for (const absl::string_view kind : {".service", ".socket", ".scope"}) {
      if (absl::EndsWith(part, kind)) unit = std::string(part);
    }
  }
  return unit;
}

std::map<uint32_t, SocketOwner> FindOwners(const std::set<uint32_t>& inodes) {
  std::map<uint32_t, SocketOwner> owners;
  const Directory processes(opendir("/proc"));
  if (processes == nullptr) return owners;
  while (const dirent* process = readdir(processes.get())) {
    const std::string number = process->d_name;
    int pid = 0;
    if (!absl::SimpleAtoi(number, &pid)) continue;
    const Directory files(opendir(absl::StrCat("/proc/", number, "/fd").c_str()));
    if (files == nullptr) continue;
    while (const dirent* file = readdir(files.get())) {
      char link[64];
      const ssize_t length = readlinkat(dirfd(files.get()), file->d_name, link, sizeof link);
      if (length <= 0) continue;
      const auto inode = InodeOf(absl::string_view(link, static_cast<size_t>(length)));
      if (!inode.has_value() || !inodes.contains(*inode)) continue;
      const auto known = owners.find(*inode);
      if (known != owners.end() && known->second.process <= pid) continue;
      owners[*inode] = {.process = pid,
                        .name = FirstLine(absl::StrCat("/proc/", number, "/comm")),
                        .unit = Unit(number)};
    }
  }
  return owners;
}

}  // namespace firebreak::agent
