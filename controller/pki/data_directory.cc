// SPDX-License-Identifier: Apache-2.0
#include "controller/pki/data_directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/files/files.h"
#include "base/status/status.h"

namespace firebreak::controller {
namespace {

constexpr absl::string_view kLockFile = "lock";
constexpr size_t kMaxFileBytes = 1 << 20;

absl::Status Failed(absl::string_view operation, absl::string_view path, int error) {
  const std::string text = absl::StrCat(operation, " ", path, ": ", strerror(error));
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return absl::ResourceExhaustedError(absl::StrCat(text, "; make room and try again"));
    case EROFS:
    case EACCES:
    case EPERM:
      return absl::FailedPreconditionError(
          absl::StrCat(text, "; the controller must be able to write there"));
    default: return absl::FailedPreconditionError(text);
  }
}

struct CloseDirectory {
  void operator()(DIR* directory) const { closedir(directory); }
};

bool IsEmptyOrOurs(const std::string& path) {
  const std::unique_ptr<DIR, CloseDirectory> directory(opendir(path.c_str()));
  if (directory == nullptr) return false;
  bool empty = true;
  while (const dirent* entry = readdir(directory.get())) {
    const absl::string_view name = entry->d_name;
    if (name == kLockFile) return true;
    if (name != "." && name != ".." && name != "lost+found") empty = false;
  }
  return empty;
}

absl::Status SecureDirectory(const std::string& path) {
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return Failed("make the data directory", path, errno);
  }
  struct stat about = {};
  if (stat(path.c_str(), &about) != 0) return Failed("look at the data directory", path, errno);
  if (!S_ISDIR(about.st_mode)) return Failed("use the data directory", path, ENOTDIR);
  if ((about.st_mode & 0077) == 0) return absl::OkStatus();
  // A directory that holds other files may be used by others, so its mode is not changed.
  if (about.st_uid == geteuid() && IsEmptyOrOurs(path)) {
    if (chmod(path.c_str(), 0700) == 0) return absl::OkStatus();
    return Failed("restrict the data directory", path, errno);
  }
  if ((about.st_mode & 0022) == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("the data directory ", path,
                   " can be written by other users and contains other files; use a directory that "
                   "only the controller uses"));
}

}  // namespace

absl::StatusOr<DataDirectory> DataDirectory::Open(const std::string& path) {
  RETURN_IF_ERROR(SecureDirectory(path));
  const std::string lock_path = absl::StrCat(path, "/", kLockFile);
  const int lock = open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock < 0) return Failed("open", lock_path, errno);
  DataDirectory directory(path, lock);
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return Failed("lock", lock_path, errno);
    char holder[16] = "";
    const ssize_t size = pread(lock, holder, sizeof(holder), 0);
    int pid = 0;
    const bool known =
        size > 0 && absl::SimpleAtoi(absl::string_view(holder, static_cast<size_t>(size)), &pid);
    return absl::FailedPreconditionError(absl::StrCat(
        "another firebreak-controller", known ? absl::StrCat(" (process ", pid, ")") : "",
        " holds the data directory ", path, "; stop it first"));
  }
  // The number only serves the message above, so a failed write does not matter.
  const std::string pid = absl::StrCat(getpid(), "\n");
  if (ftruncate(lock, 0) == 0 && pwrite(lock, pid.data(), pid.size(), 0) < 0) errno = 0;
  return directory;
}

DataDirectory::DataDirectory(DataDirectory&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

DataDirectory::~DataDirectory() {
  if (lock_ >= 0) close(lock_);
}

std::string DataDirectory::PathOf(absl::string_view name) const {
  return absl::StrCat(path_, "/", name);
}

absl::StatusOr<std::optional<Secret>> DataDirectory::Read(absl::string_view name) const {
  auto bytes = ReadFile(PathOf(name), kMaxFileBytes);
  if (absl::IsNotFound(bytes.status())) return std::optional<Secret>();
  if (!bytes.ok()) return bytes.status();
  return Secret(*std::move(bytes));
}

absl::Status DataDirectory::Write(absl::string_view name, absl::string_view bytes) const {
  return ReplaceFile(PathOf(name), bytes, 0600);
}

}  // namespace firebreak::controller
