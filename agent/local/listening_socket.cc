// SPDX-License-Identifier: Apache-2.0
#include "agent/local/listening_socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "base/status/status.h"

namespace firebreak::agent {
namespace {

absl::Status Errno(absl::string_view operation, const std::string& path) {
  return absl::ErrnoToStatus(errno, absl::StrCat(operation, " ", path));
}

absl::Status MakeDirectoryOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos || slash == 0) return absl::OkStatus();
  const std::string directory = path.substr(0, slash);
  if (mkdir(directory.c_str(), 0755) != 0 && errno != EEXIST) {
    return Errno("make the directory", directory);
  }
  return absl::OkStatus();
}

absl::Status RemoveRemains(const std::string& path, const sockaddr_un& address) {
  struct stat found;
  if (lstat(path.c_str(), &found) != 0) {
    return errno == ENOENT ? absl::OkStatus() : Errno("look at", path);
  }
  if (!S_ISSOCK(found.st_mode)) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " is not a socket; remove it or choose another --socket"));
  }
  const Descriptor probe(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (probe.get() < 0) return Errno("open a socket to try", path);
  if (connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ||
      errno == EAGAIN) {
    return absl::AlreadyExistsError(
        absl::StrCat("another program listens at ", path, "; choose another --socket"));
  }
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return Errno("remove", path);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Descriptor> ListenAt(const std::string& path, std::optional<gid_t> group) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return absl::InvalidArgumentError(absl::StrCat("the path of a socket has 1 to ",
                                                   sizeof address.sun_path - 1, " bytes: ", path));
  }
  memcpy(address.sun_path, path.data(), path.size());
  RETURN_IF_ERROR(MakeDirectoryOf(path));
  RETURN_IF_ERROR(RemoveRemains(path, address));

  Descriptor listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (listener.get() < 0) return Errno("open a socket for", path);
  // The mode is set before bind creates the file, so that nobody else can connect at any time.
  if (fchmod(listener.get(), 0600) != 0) return Errno("set the mode of", path);
  const mode_t before = umask(0177);
  const int bound =
      bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  umask(before);
  if (bound != 0) return Errno("bind to", path);
  if (group.has_value()) {
    if (lchown(path.c_str(), static_cast<uid_t>(-1), *group) != 0) {
      return Errno("give to the group", path);
    }
    if (chmod(path.c_str(), 0660) != 0) return Errno("set the mode of", path);
  }
  if (listen(listener.get(), 16) != 0) return Errno("listen at", path);
  return listener;
}

}  // namespace firebreak::agent
