// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_RECORD_LOG_READER_H_
#define FIREBREAK_AGENT_RECORD_LOG_READER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/descriptor/descriptor.h"
#include "proto/log/interned_strings.h"
#include "proto/log/query.h"
#include "proto/log/record.h"

namespace firebreak::agent {

// Reads this host's log while LogFile writes it: first FILE.old, then FILE, also across roll-overs.
// Lines that are not records are skipped.
//
// Threading: one thread at a time, any.
class LogReader {
 public:
  // A place between two lines. It stays valid while the file exists under either of its names.
  struct Position {
    uint64_t file = 0;
    uint64_t offset = 0;
  };
  using Each = std::function<void(const Record&, const InternedStrings&)>;

  // How many bytes Read examines at a time.
  static constexpr size_t kReadBytes = 32 << 10;

  // Opens the log before its oldest line. NotFound: there is no log. FailedPrecondition: the log is
  // not a regular file of this user.
  static absl::StatusOr<LogReader> Open(const std::string& path);

  // Continues behind the last line, so that only new lines are read.
  absl::Status SeekEnd();
  // Continues where the last `count` matching records begin, or at the oldest line if there are
  // fewer.
  absl::Status SeekLast(const LogQuery& query, uint64_t count);
  // Continues at `position`. NotFound: the file is gone.
  absl::Status Seek(const Position& position);

  // Calls `each` for the matching records among the next lines, at most kReadBytes of them. Returns
  // false if there are no more lines for now. DataLoss: the file was rolled over twice since the
  // last call, and the lines in between are gone.
  absl::StatusOr<bool> Read(const LogQuery& query, const Each& each);

  Position position() const { return {files_.front().id, offset_}; }

 private:
  struct File {
    Descriptor descriptor;
    uint64_t id = 0;
  };

  LogReader(std::string path, std::deque<File> files)
      : path_(std::move(path)), files_(std::move(files)) {}

  static absl::StatusOr<File> OpenFile(const std::string& path);
  static absl::StatusOr<std::deque<File>> OpenFiles(const std::string& path);
  // Reads the bytes from `begin` to `end` into buffer_.
  absl::Status Fill(const File& file, uint64_t begin, uint64_t end);
  absl::StatusOr<uint64_t> EndOfLines(const File& file);
  // Returns the last offset before `end` that has `count` matching records between it and `end`,
  // and reduces `count` by the records that it found.
  absl::StatusOr<uint64_t> GoBack(const File& file, uint64_t end, const LogQuery& query,
                                  uint64_t& count);
  // Whether the file under the path is no longer the last of files_.
  bool RolledOver() const;
  absl::StatusOr<bool> TakeNextFile();

  const std::string path_;
  std::deque<File> files_;  // never empty; oldest first; the first is being read
  uint64_t offset_ = 0;
  std::string buffer_;
};

// Convert a position to the text "FILE.OFFSET" and back; ParsePosition returns nullopt if the text
// has another form.
std::string PrintPosition(const LogReader::Position& position);
std::optional<LogReader::Position> ParsePosition(absl::string_view text);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_RECORD_LOG_READER_H_
