// SPDX-License-Identifier: Apache-2.0
#include "agent/record/log_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status/status.h"
#include "proto/log/parse_w3c.h"

namespace firebreak::agent {
namespace {

constexpr int kOpenAttempts = 5;
constexpr unsigned kWanted = STATX_BASIC_STATS | STATX_BTIME;

absl::Status Errno(const char* operation, const std::string& path) {
  return absl::ErrnoToStatus(errno, absl::StrCat(operation, " ", path));
}

// Returns a number that identifies a file, even among later files with the same inode number.
uint64_t IdOf(const struct statx& info) {
  constexpr uint64_t kMix = 0x9e3779b97f4a7c15;
  const auto seconds = static_cast<uint64_t>(info.stx_btime.tv_sec);
  return info.stx_ino ^ (seconds * 1'000'000'000 + info.stx_btime.tv_nsec) * kMix;
}

// Calls `each` with the lines of `text`, the last one first, until it returns false.
void ForEachLineBackwards(absl::string_view text, absl::FunctionRef<bool(absl::string_view)> each) {
  while (!text.empty()) {
    text.remove_suffix(1);  // the text's last line feed
    const size_t before = text.rfind('\n');
    const size_t begin = before == absl::string_view::npos ? 0 : before + 1;
    if (!each(text.substr(begin))) return;
    text = text.substr(0, begin);
  }
}

bool Matches(absl::string_view line, const LogQuery& query, Record& record,
             InternedStrings& texts) {
  return ParseW3cLine(line, record, texts) && query.Matches(record, texts);
}

}  // namespace

absl::StatusOr<LogReader::File> LogReader::OpenFile(const std::string& path) {
  File file = {.descriptor =
                   Descriptor(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC))};
  if (file.descriptor.get() < 0) return Errno("open the log file", path);
  struct statx info;
  if (statx(file.descriptor.get(), "", AT_EMPTY_PATH, kWanted, &info) != 0) {
    return Errno("examine the log file", path);
  }
  if (!S_ISREG(info.stx_mode) || info.stx_uid != geteuid()) {
    return absl::FailedPreconditionError(
        absl::StrCat("the log file ", path, " must be a plain file of the agent's user"));
  }
  file.id = IdOf(info);
  return file;
}

absl::StatusOr<std::deque<LogReader::File>> LogReader::OpenFiles(const std::string& path) {
  for (int i = 0; i < kOpenAttempts; ++i) {
    std::deque<File> files;
    absl::StatusOr<File> current = OpenFile(path);
    if (!current.ok() && !absl::IsNotFound(current.status())) return current.status();
    absl::StatusOr<File> old = OpenFile(path + ".old");
    if (!old.ok() && !absl::IsNotFound(old.status())) return old.status();
    // The log was rolled over between the two calls.
    if (current.ok() && old.ok() && current->id == old->id) continue;
    if (old.ok()) files.push_back(*std::move(old));
    if (current.ok()) files.push_back(*std::move(current));
    if (!files.empty()) return files;
    return absl::NotFoundError(absl::StrCat(
        "there is no log at ", path,
        "; the policies of this host decide whether and where it writes a log (`logging:`)"));
  }
  return absl::UnavailableError(absl::StrCat("the log ", path, " keeps changing; try again"));
}

absl::StatusOr<LogReader> LogReader::Open(const std::string& path) {
  ASSIGN_OR_RETURN(std::deque<File> files, OpenFiles(path));
  return LogReader(path, std::move(files));
}

absl::Status LogReader::Fill(const File& file, uint64_t begin, uint64_t end) {
  buffer_.resize(static_cast<size_t>(end - begin));
  const ssize_t count =
      pread(file.descriptor.get(), buffer_.data(), buffer_.size(), static_cast<off_t>(begin));
  if (count < 0) return Errno("read the log file", path_);
  buffer_.resize(static_cast<size_t>(count));
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> LogReader::GoBack(const File& file, uint64_t end, const LogQuery& query,
                                           uint64_t& count) {
  Record record;
  InternedStrings texts;
  while (end > 0 && count > 0) {
    const uint64_t begin = end - std::min<uint64_t>(end, kReadBytes);
    RETURN_IF_ERROR(Fill(file, begin, end));
    absl::string_view lines = buffer_;
    lines = lines.substr(0, lines.rfind('\n') + 1);
    // The buffer may begin in the middle of a line.
    const size_t first = begin == 0 ? 0 : lines.find('\n') + 1;
    lines = lines.substr(std::min(first, lines.size()));
    uint64_t found = begin + first;
    ForEachLineBackwards(lines, [&](absl::string_view line) {
      if (!Matches(line, query, record, texts) || --count > 0) return true;
      found = begin + static_cast<uint64_t>(line.data() - buffer_.data());
      return false;
    });
    // No line is that long: these bytes are not a log and are skipped.
    end = found < end ? found : begin;
  }
  return end;
}

absl::StatusOr<uint64_t> LogReader::EndOfLines(const File& file) {
  struct stat info;
  if (fstat(file.descriptor.get(), &info) != 0) return Errno("examine the log file", path_);
  const auto size = static_cast<uint64_t>(info.st_size);
  const uint64_t begin = size - std::min<uint64_t>(size, kReadBytes);
  RETURN_IF_ERROR(Fill(file, begin, size));
  const size_t last = buffer_.rfind('\n');
  return last == std::string::npos ? size : begin + last + 1;
}

absl::Status LogReader::SeekEnd() { return SeekLast(LogQuery(), 0); }

absl::Status LogReader::SeekLast(const LogQuery& query, uint64_t count) {
  uint64_t begin = 0;
  auto file = files_.end();
  do {
    --file;
    ASSIGN_OR_RETURN(const uint64_t end, EndOfLines(*file));
    ASSIGN_OR_RETURN(const uint64_t found, GoBack(*file, end, query, count));
    begin = found;
  } while (count > 0 && file != files_.begin());
  files_.erase(files_.begin(), file);
  offset_ = begin;
  return absl::OkStatus();
}

absl::Status LogReader::Seek(const Position& position) {
  const auto file = std::find_if(files_.begin(), files_.end(),
                                 [&](const File& one) { return one.id == position.file; });
  if (file == files_.end()) return absl::NotFoundError("the log has been rolled over twice since");
  files_.erase(files_.begin(), file);
  offset_ = position.offset;
  return absl::OkStatus();
}

bool LogReader::RolledOver() const {
  struct statx info;
  // During a roll-over, the file is missing between the rename and the creation of the next one.
  return statx(AT_FDCWD, path_.c_str(), AT_SYMLINK_NOFOLLOW, kWanted, &info) == 0 &&
         IdOf(info) != files_.back().id;
}

absl::StatusOr<bool> LogReader::TakeNextFile() {
  if (files_.size() == 1) {
    ASSIGN_OR_RETURN(std::deque<File> files, OpenFiles(path_));
    const bool follows = files.front().id == files_.back().id;
    if (files.size() == 1 && follows) return false;
    if (files.size() == 2 && !follows) {
      return absl::DataLossError(
          absl::StrCat("the log ", path_, " was rolled over twice before it was read; ask again"));
    }
    files_ = std::move(files);
    offset_ = 0;
    if (!follows) return true;  // somebody has removed the older file
  }
  files_.pop_front();
  offset_ = 0;
  return true;
}

absl::StatusOr<bool> LogReader::Read(const LogQuery& query, const Each& each) {
  // RolledOver is asked before the file is read: a file that is no longer written to is then read
  // to its end.
  const bool complete = files_.size() > 1 || RolledOver();
  RETURN_IF_ERROR(Fill(files_.front(), offset_, offset_ + kReadBytes));
  absl::string_view lines = buffer_;
  lines = lines.substr(0, lines.rfind('\n') + 1);
  if (lines.empty()) {
    // No line is that long, so these bytes are skipped.
    if (buffer_.size() == kReadBytes) {
      offset_ += kReadBytes;
      return true;
    }
    if (complete) return TakeNextFile();
    struct stat info;
    if (fstat(files_.front().descriptor.get(), &info) != 0) {
      return Errno("examine the log file", path_);
    }
    // The file may have been truncated.
    offset_ = std::min(offset_, static_cast<uint64_t>(info.st_size));
    return false;
  }
  offset_ += lines.size();
  Record record;
  InternedStrings texts;
  while (!lines.empty()) {
    const size_t end = lines.find('\n');
    if (Matches(lines.substr(0, end), query, record, texts)) each(record, texts);
    lines.remove_prefix(end + 1);
  }
  return true;
}

std::string PrintPosition(const LogReader::Position& position) {
  return absl::StrCat(position.file, ".", position.offset);
}

std::optional<LogReader::Position> ParsePosition(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '.');
  LogReader::Position position;
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &position.file) ||
      !absl::SimpleAtoi(parts[1], &position.offset)) {
    return std::nullopt;
  }
  return position;
}

}  // namespace firebreak::agent
