#ifndef FIREBREAK_AGENT_RECORD_LOG_FILE_H_
#define FIREBREAK_AGENT_RECORD_LOG_FILE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace firebreak::agent {

// The log on the host itself, in the W3C format. It grows up to a size, then becomes FILE.old, in
// place of the one before it, and begins anew; no line is torn or lost by that. Mode 0640. If
// others delete the file, move it away or cut it, the next lines begin anew too.
//
// A policy names the file, and it must not be able to name any file of root's: the file is below
// one of the directories that the agent was told of, and neither it nor FILE.old is touched if it
// is a symbolic link, somebody else's, or does not begin as such a log does.
//
// Lines that could not be written are counted, and the next one that can stands behind a line
// INFO-EVENTS-LOST with their number.
//
// Threading: one thread at a time.
class LogFile {
 public:
  LogFile(std::string path, uint64_t max_bytes, std::vector<std::string> directories);
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;
  ~LogFile();

  // Appends whole lines, with a roll between them if need be. On an error the last ones are not
  // written, maybe none is; those count as lost.
  absl::Status Append(absl::string_view lines);

  const std::string& path() const { return path_; }
  uint64_t max_bytes() const { return max_bytes_; }
  // Lines that could not be written, declared in the file or not yet.
  uint64_t lost() const { return lost_; }

 private:
  absl::Status Open();
  bool IsInPlace() const;
  absl::Status Roll();
  absl::Status Write(absl::string_view bytes);
  // Takes off `lines` what it has written.
  absl::Status WriteRolling(absl::string_view& lines);
  void Close();

  const std::string path_;
  const uint64_t max_bytes_;
  const std::vector<std::string> directories_;
  int descriptor_ = -1;
  uint64_t size_ = 0;
  uint64_t lost_ = 0;
  uint64_t declared_ = 0;  // of these
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_RECORD_LOG_FILE_H_
