#include "agent/state/sealed_file.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "base/descriptor/descriptor.h"
#include "base/openssl/openssl.h"

namespace firebreak::agent {
namespace {

constexpr char kMagic[] = {'F', 'B', 'R', 'K', 1, 0, 0, 0};
constexpr size_t kHeaderBytes = sizeof kMagic + SHA256_DIGEST_LENGTH;
constexpr off_t kMaxBytes = 64 << 20;

absl::Status Errno(const char* operation, const std::string& path) {
  return absl::ErrnoToStatus(errno, absl::StrCat(operation, " ", path));
}

std::string Header(absl::string_view content) {
  std::string header(kMagic, sizeof kMagic);
  header += Sha256(content);
  return header;
}

bool WriteAll(int fd, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

// A rename or an unlink is durable only once its directory is synced.
absl::Status SyncDirectoryOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const Descriptor fd(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0 || fsync(fd.get()) != 0) return Errno("sync", directory);
  return absl::OkStatus();
}

}  // namespace

absl::Status WriteSealedFile(const std::string& path, absl::string_view content) {
  const std::string temporary = path + ".new";
  {
    const Descriptor fd(
        open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (fd.get() < 0) return Errno("create", temporary);
    if (!WriteAll(fd.get(), Header(content)) || !WriteAll(fd.get(), content) ||
        fsync(fd.get()) != 0) {
      absl::Status status = Errno("write", temporary);
      unlink(temporary.c_str());
      return status;
    }
  }
  return RenameFile(temporary, path);
}

absl::StatusOr<std::string> ReadSealedFile(const std::string& path) {
  const Descriptor fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (fd.get() < 0) return Errno("open", path);
  struct stat info;
  if (fstat(fd.get(), &info) != 0) return Errno("examine", path);
  if (info.st_size < static_cast<off_t>(kHeaderBytes) || info.st_size > kMaxBytes) {
    return absl::DataLossError(absl::StrCat(path, " has an impossible size"));
  }
  std::string bytes(static_cast<size_t>(info.st_size), '\0');
  for (size_t have = 0; have < bytes.size();) {
    const ssize_t count = read(fd.get(), bytes.data() + have, bytes.size() - have);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Errno("read", path);
    if (count == 0) return absl::DataLossError(absl::StrCat(path, " is cut short"));
    have += static_cast<size_t>(count);
  }
  std::string content = bytes.substr(kHeaderBytes);
  const bool whole = bytes.compare(0, kHeaderBytes, Header(content)) == 0;
  Wipe(bytes);  // the content may be a key
  if (!whole) {
    return absl::DataLossError(absl::StrCat(path, " is damaged: its checksum does not match"));
  }
  return content;
}

absl::Status RenameFile(const std::string& from, const std::string& to) {
  if (rename(from.c_str(), to.c_str()) != 0) return Errno("rename to", to);
  return SyncDirectoryOf(to);
}

absl::Status DeleteFile(const std::string& path) {
  if (unlink(path.c_str()) != 0) {
    return errno == ENOENT ? absl::OkStatus() : Errno("delete", path);
  }
  return SyncDirectoryOf(path);
}

}  // namespace firebreak::agent
