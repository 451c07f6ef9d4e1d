// SPDX-License-Identifier: Apache-2.0
#include "agent/switch/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace firebreak::agent {
namespace {

// The major device numbers of pseudoterminals (Linux's Documentation/admin-guide/devices.txt).
constexpr unsigned kFirstPts = 136, kLastPts = 143;

// Returns the path of the device below /dev, or an empty text if it is of an unknown kind.
std::string DeviceName(dev_t device) {
  if (major(device) >= kFirstPts && major(device) <= kLastPts) {
    return absl::StrCat("pts/", (major(device) - kFirstPts) * 256 + minor(device));
  }
  std::ifstream events(
      absl::StrCat("/sys/dev/char/", major(device), ":", minor(device), "/uevent"));
  for (std::string line; std::getline(events, line);) {
    if (absl::string_view name = line; absl::ConsumePrefix(&name, "DEVNAME=")) {
      return std::string(name);
    }
  }
  return "";
}

}  // namespace

absl::StatusOr<Terminal> OpenTerminalOf(const Process& process) {
  if (process.terminal == 0) {
    return absl::FailedPreconditionError("the program that asks has no terminal");
  }
  if (process.group != process.foreground_group) {
    return absl::FailedPreconditionError("the program that asks runs in the background");
  }
  const std::string device = DeviceName(process.terminal);
  if (device.empty()) {
    return absl::FailedPreconditionError("the terminal of the program that asks has no name");
  }
  const std::string name = absl::StrCat("/dev/", device);
  // The device is opened through the process's own root directory, because a container has
  // terminals with the same names.
  const std::string path = absl::StrCat("/proc/", process.number, "/root", name);
  Descriptor opened(open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW));
  if (opened.get() < 0) return absl::ErrnoToStatus(errno, absl::StrCat("open ", name));
  struct stat found;
  if (fstat(opened.get(), &found) != 0 || !S_ISCHR(found.st_mode) ||
      found.st_rdev != process.terminal || isatty(opened.get()) == 0) {
    return absl::FailedPreconditionError(
        absl::StrCat(name, " is not the terminal of the program that asks"));
  }
  return Terminal{.descriptor = std::move(opened), .name = name};
}

}  // namespace firebreak::agent
