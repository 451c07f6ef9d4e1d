// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "cli/location/location_keys.h"

namespace firebreak::cli {
namespace {

constexpr size_t kMaxFileBytes = 64 << 10;

absl::Status Errno(absl::string_view operation, const std::string& path) {
  return absl::ErrnoToStatus(errno, absl::StrCat(operation, " ", path));
}

}  // namespace

absl::Status WriteSecretFile(const std::string& path, absl::string_view bytes) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return Errno("make", path);
  const auto close_file = absl::MakeCleanup([file] { close(file); });
  while (!bytes.empty()) {
    const ssize_t written = write(file, bytes.data(), bytes.size());
    if (written < 0) return Errno("write", path);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  if (fsync(file) != 0) return Errno("write", path);
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadSecretFile(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return Errno("read", path);
  const auto close_file = absl::MakeCleanup([file] { close(file); });
  struct stat status;
  if (fstat(file, &status) != 0) return Errno("read", path);
  if ((status.st_mode & 077) != 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        path,
        " can be read by other users; run `chmod 600` on it if you trust that nobody has read it"));
  }
  std::string bytes(kMaxFileBytes, '\0');
  const ssize_t size = read(file, bytes.data(), bytes.size());
  if (size < 0) return Errno("read", path);
  bytes.resize(static_cast<size_t>(size));
  return bytes;
}

}  // namespace firebreak::cli
