// SPDX-License-Identifier: Apache-2.0
#include "agent/record/log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/descriptor/descriptor.h"
#include "base/status/status.h"
#include "proto/log/w3c.h"

namespace firebreak::agent {
namespace {

constexpr mode_t kMode = 0640;
constexpr mode_t kDirectoryMode = 0750;
constexpr size_t kTailBytes = 4096;  // more than the longest line

absl::Status Errno(const char* operation, const std::string& path) {
  return absl::ErrnoToStatus(errno, absl::StrCat(operation, " ", path));
}

// Returns the end of the last whole line. After a power failure the file may end in a partial line.
uint64_t EndOfLastLine(int descriptor, uint64_t size) {
  char tail[kTailBytes];
  const uint64_t begin = size > kTailBytes ? size - kTailBytes : 0;
  const ssize_t count = pread(descriptor, tail, kTailBytes, static_cast<off_t>(begin));
  if (count <= 0) return size;
  const size_t at = absl::string_view(tail, static_cast<size_t>(count)).rfind('\n');
  return at == absl::string_view::npos ? (begin == 0 ? 0 : size) : begin + at + 1;
}

std::string LossLine(uint64_t lost) {
  InternedStrings texts;
  Record record;
  record.time_micros = absl::ToUnixMicros(absl::Now());
  record.action = Action::kEventsLost;
  record.lost = lost;
  record.reason = texts.Intern("file");
  std::string line;
  W3cWriter().Append(record, texts, line);
  return line;
}

// Resolves all symbolic links in `directory`; empty if the directory does not exist.
std::string RealPath(const std::string& directory) {
  char room[PATH_MAX];
  return realpath(directory.c_str(), room) == nullptr ? std::string() : room;
}

absl::Status CheckDirectory(const std::string& path, const std::vector<std::string>& directories) {
  const std::string parent = path.substr(0, path.rfind('/') + 1);
  const std::string real = RealPath(parent);
  for (const std::string& directory : directories) {
    const std::string allowed = RealPath(directory);
    if (!real.empty() && !allowed.empty() &&
        absl::StartsWith(absl::StrCat(real, "/"), absl::StrCat(allowed, "/"))) {
      return absl::OkStatus();
    }
  }
  if (real.empty()) {
    return absl::NotFoundError(absl::StrCat("the log file ", path,
                                            " cannot be written: there is no ", "directory ",
                                            parent, "; make it"));
  }
  return absl::PermissionDeniedError(absl::StrCat(
      "the log file ", path, " is not below ", absl::StrJoin(directories, " or "),
      "; name its directory to the agent with --log-dir, or another file in the policy's"
      " logging.file"));
}

// Makes the directory if it is one of the agent's configured log directories. Other directories are
// up to their owners.
void MakeDirectory(const std::string& path, const std::vector<std::string>& directories) {
  const std::string parent = path.substr(0, path.rfind('/'));
  for (const std::string& directory : directories) {
    if (parent == directory) mkdir(parent.c_str(), kDirectoryMode);  // CheckFile reports a failure
  }
}

// Whether the file is empty or begins like a log of any version of ours.
bool BeginsAsOurs(int descriptor) {
  const absl::string_view header = W3cHeader();
  const size_t length = header.rfind(' ', header.find("\n#Time"));  // drops the version
  std::string begin(length, '\0');
  const ssize_t count = pread(descriptor, begin.data(), length, 0);
  return count >= 0 && absl::StartsWith(header, begin.substr(0, static_cast<size_t>(count)));
}

// Checks that the file is regular, belongs to this user, has no other name, and is empty or one of
// our logs.
absl::Status CheckFile(int descriptor, const std::string& path) {
  struct stat info;
  if (fstat(descriptor, &info) != 0) return Errno("examine the log file", path);
  if (!S_ISREG(info.st_mode) || info.st_uid != geteuid() || info.st_nlink != 1) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the log file ", path, " must be a plain file of this user without another name; move it"));
  }
  if (!BeginsAsOurs(descriptor)) {
    return absl::FailedPreconditionError(
        absl::StrCat("the log file ", path,
                     " is another program's: it does not begin like a log of Firebreak; move it, "
                     "or name another file in the policy's logging.file"));
  }
  return absl::OkStatus();
}

}  // namespace

LogFile::LogFile(std::string path, uint64_t max_bytes, std::vector<std::string> directories)
    : path_(std::move(path)), max_bytes_(max_bytes), directories_(std::move(directories)) {}

LogFile::~LogFile() { Close(); }

void LogFile::Close() {
  if (descriptor_ >= 0) close(std::exchange(descriptor_, -1));
}

absl::Status LogFile::Open() {
  MakeDirectory(path_, directories_);
  RETURN_IF_ERROR(CheckDirectory(path_, directories_));
  descriptor_ =
      open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, kMode);
  if (descriptor_ < 0) return Errno("open the log file", path_);
  struct stat info = {};
  absl::Status status = CheckFile(descriptor_, path_);
  if (status.ok() && fstat(descriptor_, &info) != 0) status = Errno("examine the log file", path_);
  if (!status.ok()) {
    Close();
    return status;
  }
  size_ = static_cast<uint64_t>(info.st_size);
  const uint64_t whole = EndOfLastLine(descriptor_, size_);
  if (whole < size_ && ftruncate(descriptor_, static_cast<off_t>(whole)) == 0) size_ = whole;
  if (size_ > 0) return absl::OkStatus();
  return Write(W3cHeader());
}

// Whether the path still leads to the open file, and the file still ends where this process stopped
// writing.
bool LogFile::IsInPlace() const {
  struct stat open, named;
  return fstat(descriptor_, &open) == 0 && lstat(path_.c_str(), &named) == 0 &&
         open.st_dev == named.st_dev && open.st_ino == named.st_ino &&
         static_cast<uint64_t>(open.st_size) == size_;
}

absl::Status LogFile::Roll() {
  Close();
  const std::string old = path_ + ".old";
  const Descriptor before(open(old.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (before.get() < 0 && errno != ENOENT) return Errno("roll the log file over to", old);
  if (before.get() >= 0) {
    RETURN_IF_ERROR(CheckFile(before.get(), old));
  }
  // ENOENT: somebody has just removed the file, so there is nothing to keep.
  if (rename(path_.c_str(), old.c_str()) != 0 && errno != ENOENT) {
    return Errno("roll the log file over to", old);
  }
  return Open();
}

absl::Status LogFile::Write(absl::string_view bytes) {
  const uint64_t begin = size_;
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      const absl::Status status = Errno("write to the log file", path_);
      // Removes the part of a line that was written.
      if (ftruncate(descriptor_, static_cast<off_t>(begin)) == 0) size_ = begin;
      Close();
      return status;
    }
    bytes.remove_prefix(static_cast<size_t>(written));
    size_ += static_cast<uint64_t>(written);
  }
  return absl::OkStatus();
}

absl::Status LogFile::WriteRolling(absl::string_view& lines) {
  while (!lines.empty()) {
    const uint64_t room = max_bytes_ - std::min(size_, max_bytes_);
    size_t fits = lines.size();
    if (fits > room) {
      const size_t end = room == 0 ? absl::string_view::npos : lines.rfind('\n', room - 1);
      fits = end == absl::string_view::npos ? 0 : end + 1;
    }
    if (fits == 0 && size_ > W3cHeader().size()) {
      RETURN_IF_ERROR(Roll());
      continue;
    }
    // A line that is longer than the size limit gets a file of its own.
    if (fits == 0) fits = lines.find('\n') + 1;
    RETURN_IF_ERROR(Write(lines.substr(0, fits)));
    lines.remove_prefix(fits);
  }
  return absl::OkStatus();
}

absl::Status LogFile::Append(absl::string_view lines) {
  if (descriptor_ >= 0 && !IsInPlace()) Close();
  absl::Status status = descriptor_ < 0 ? Open() : absl::OkStatus();
  if (status.ok() && lost_ > declared_) {
    const std::string loss = LossLine(lost_ - declared_);
    absl::string_view line = loss;
    status = WriteRolling(line);
    if (status.ok()) declared_ = lost_;
  }
  if (status.ok()) status = WriteRolling(lines);
  if (!status.ok()) lost_ += static_cast<uint64_t>(std::count(lines.begin(), lines.end(), '\n'));
  return status;
}

}  // namespace firebreak::agent
