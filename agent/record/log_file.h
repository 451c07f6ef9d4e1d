// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_RECORD_LOG_FILE_H_
#define FIREBREAK_AGENT_RECORD_LOG_FILE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace firebreak::agent {

// Writes the log file on the host, in the W3C format, mode 0640. When the file reaches its size
// limit, it replaces FILE.old and a new file begins; no line is torn or lost by that. If others
// delete, move or truncate the file, the next lines begin a new one too.
//
// A policy names the file, but must not make the agent overwrite any file that root can write. So
// the file must be below one of the agent's configured log directories, and neither FILE nor
// FILE.old is touched if it is a symbolic link, belongs to somebody else, or does not begin like
// such a log.
//
// Lines that could not be written are counted; a line INFO-EVENTS-LOST with their number precedes
// the next line that can be written.
//
// Threading: one thread at a time.
class LogFile {
 public:
  LogFile(std::string path, uint64_t max_bytes, std::vector<std::string> directories);
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;
  ~LogFile();

  // Appends whole lines, with a roll-over between them if needed. On an error some of the last
  // lines, maybe all, are not written; those count as lost.
  absl::Status Append(absl::string_view lines);

  const std::string& path() const { return path_; }
  uint64_t max_bytes() const { return max_bytes_; }
  // The number of lines that could not be written, whether the file already declares them or not.
  uint64_t lost() const { return lost_; }

 private:
  absl::Status Open();
  bool IsInPlace() const;
  absl::Status Roll();
  absl::Status Write(absl::string_view bytes);
  // Writes as many of `lines` as it can and removes those from `lines`.
  absl::Status WriteRolling(absl::string_view& lines);
  void Close();

  const std::string path_;
  const uint64_t max_bytes_;
  const std::vector<std::string> directories_;
  int descriptor_ = -1;
  uint64_t size_ = 0;
  uint64_t lost_ = 0;
  uint64_t declared_ = 0;  // the part of `lost_` that the file declares
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_RECORD_LOG_FILE_H_
