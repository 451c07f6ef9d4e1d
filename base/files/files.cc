// SPDX-License-Identifier: Apache-2.0
#include "base/files/files.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "absl/strings/str_cat.h"
#include "base/descriptor/descriptor.h"
#include "base/status/errno.h"
#include "base/status/status.h"

namespace firebreak {
namespace {

std::string DirectoryOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

absl::Status Sync(const Descriptor& directory, const std::string& path) {
  if (fsync(directory.get()) != 0) return ErrnoStatus("sync the directory of", path);
  return absl::OkStatus();
}

absl::StatusOr<Descriptor> OpenDirectoryOf(const std::string& path) {
  const std::string name = DirectoryOf(path);
  Descriptor directory(open(name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0) return ErrnoStatus("open", name);
  return directory;
}

// Restores both names after a rename of `from` over `path` that could not be made durable.
absl::Status TakeBack(const std::string& from, const std::string& path, const std::string& old,
                      bool had_old, const Descriptor& directory, absl::Status cause) {
  // Links instead of renaming, because a crash between two renames would leave nothing at `path`.
  const bool kept = link(path.c_str(), from.c_str()) == 0;
  const bool back = had_old ? rename(old.c_str(), path.c_str()) == 0 : unlink(path.c_str()) == 0;
  if (kept && back && fsync(directory.get()) == 0) return cause;
  return absl::DataLossError(absl::StrCat(cause.message(), "; it is not certain whether ", path,
                                          " holds the old or the new content"));
}

absl::Status MoveOver(const std::string& from, const std::string& to, const Descriptor& directory) {
  const std::string old = to + ".old";
  if (unlink(old.c_str()) != 0 && errno != ENOENT) return ErrnoStatus("remove", old);
  const bool had_old = link(to.c_str(), old.c_str()) == 0;
  if (!had_old && errno != ENOENT) return ErrnoStatus("keep", old);
  if (rename(from.c_str(), to.c_str()) != 0) {
    absl::Status status = ErrnoStatus("rename to", to);
    if (had_old) unlink(old.c_str());
    return status;
  }
  if (absl::Status status = Sync(directory, to); !status.ok()) {
    return TakeBack(from, to, old, had_old, directory, std::move(status));
  }
  // If the unlink fails, the next ReplaceFile overwrites the file.
  if (had_old) unlink(old.c_str());
  return absl::OkStatus();
}

// Reads the rest of the file, up to `most` bytes. `guess` is the size of the first buffer.
absl::StatusOr<std::string> ReadUpTo(const Descriptor& file, const std::string& path, size_t guess,
                                     size_t most) {
  std::string bytes(std::min(guess, most), '\0');
  size_t have = 0;
  while (have < most) {
    if (have == bytes.size()) bytes.resize(std::min(2 * bytes.size() + 4096, most));
    const ssize_t count = read(file.get(), bytes.data() + have, bytes.size() - have);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return ErrnoStatus("read", path);
    if (count == 0) break;
    have += static_cast<size_t>(count);
  }
  bytes.resize(have);
  return bytes;
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path, size_t limit) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (file.get() < 0) return ErrnoStatus("open", path);
  struct stat about = {};
  if (fstat(file.get(), &about) != 0) return ErrnoStatus("examine", path);
  if (!S_ISREG(about.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat("read ", path, ": it is not a regular file"));
  }
  // A buffer one byte larger than the file detects its end, and a limit one byte higher detects a
  // file that is too large. Files in /proc report size 0, so the size is only a guess.
  ASSIGN_OR_RETURN(std::string bytes,
                   ReadUpTo(file, path, static_cast<size_t>(about.st_size) + 1, limit + 1));
  if (bytes.size() <= limit) return bytes;
  return absl::OutOfRangeError(absl::StrCat("read ", path, ": it has more than ", limit, " bytes"));
}

absl::StatusOr<std::string> ReadBeginning(const std::string& path, size_t limit) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) return ErrnoStatus("open", path);
  return ReadUpTo(file, path, 0, limit);
}

bool WriteAll(int descriptor, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written == 0) errno = EIO;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

absl::Status ReplaceFile(const std::string& path, absl::string_view bytes, mode_t mode) {
  // The directory is opened before anything is changed, so that later only its sync can fail.
  ASSIGN_OR_RETURN(const Descriptor directory, OpenDirectoryOf(path));
  const std::string fresh = path + ".new";
  if (unlink(fresh.c_str()) != 0 && errno != ENOENT) return ErrnoStatus("remove", fresh);
  {
    const Descriptor file(
        open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
    if (file.get() < 0) return ErrnoStatus("create", fresh);
    if (!WriteAll(file.get(), bytes) || fsync(file.get()) != 0) {
      absl::Status status = ErrnoStatus("write", fresh);
      unlink(fresh.c_str());
      return status;
    }
  }
  absl::Status status = MoveOver(fresh, path, directory);
  if (!status.ok()) unlink(fresh.c_str());
  return status;
}

absl::Status RenameFile(const std::string& from, const std::string& to) {
  ASSIGN_OR_RETURN(const Descriptor directory, OpenDirectoryOf(to));
  return MoveOver(from, to, directory);
}

absl::Status DeleteFile(const std::string& path) {
  if (unlink(path.c_str()) != 0) {
    return errno == ENOENT ? absl::OkStatus() : ErrnoStatus("delete", path);
  }
  return SyncDirectoryOf(path);
}

absl::Status SyncDirectoryOf(const std::string& path) {
  ASSIGN_OR_RETURN(const Descriptor directory, OpenDirectoryOf(path));
  return Sync(directory, path);
}

}  // namespace firebreak
