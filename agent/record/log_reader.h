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
#include "proto/log/query.h"
#include "proto/log/record.h"
#include "proto/log/texts.h"

namespace firebreak::agent {

// Reads the log on this host back while LogFile writes it: FILE.old and then FILE, and what becomes
// of them. Lines that are no records are passed over.
//
// Threading: one thread at a time, any.
class LogReader {
 public:
  // Between two lines. It is found again as long as the file is there under either name.
  struct Position {
    uint64_t file = 0;
    uint64_t offset = 0;
  };
  using Each = std::function<void(const Record&, const Texts&)>;

  // How much Read looks through at a time.
  static constexpr size_t kReadBytes = 32 << 10;

  // Before the oldest line. NotFound: there is no log. FailedPrecondition: it is not a plain file
  // of this user.
  static absl::StatusOr<LogReader> Open(const std::string& path);

  // From here on only what comes.
  absl::Status SeekEnd();
  // To where on `count` records match, or to the oldest line if there are fewer.
  absl::Status SeekLast(const LogQuery& query, uint64_t count);
  // NotFound: the file is gone.
  absl::Status Seek(const Position& position);

  // Calls `each` for records that match in the next lines, no more than fit kReadBytes. False: for
  // now there are no more. DataLoss: the file was rolled over twice since the last call, and what
  // was in between is gone.
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
  // Into buffer_.
  absl::Status Fill(const File& file, uint64_t begin, uint64_t end);
  absl::StatusOr<uint64_t> EndOfLines(const File& file);
  // Before `end`, the last offset from which on `count` records match, which becomes what is still
  // missing.
  absl::StatusOr<uint64_t> GoBack(const File& file, uint64_t end, const LogQuery& query,
                                  uint64_t& count);
  // Whether the file under the path is no longer the last of files_.
  bool RolledOver() const;
  absl::StatusOr<bool> TakeNextFile();

  const std::string path_;
  std::deque<File> files_;  // never empty; oldest first. The first is being read.
  uint64_t offset_ = 0;
  std::string buffer_;
};

// "FILE.OFFSET", and back; none if it is no such text.
std::string PrintPosition(const LogReader::Position& position);
std::optional<LogReader::Position> ParsePosition(absl::string_view text);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_RECORD_LOG_READER_H_
