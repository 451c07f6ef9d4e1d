#ifndef FIREBREAK_CONTROLLER_LOG_LOG_STATE_H_
#define FIREBREAK_CONTROLLER_LOG_LOG_STATE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace firebreak::controller {

// What a log remembers about its segments besides what is in them, so that one that is missing is
// told from one that was deleted.
struct LogState {
  uint64_t newest = 0;                    // the highest number of a segment so far
  std::map<uint64_t, uint64_t> deleted;   // on purpose: first number to last, not adjacent
  std::optional<int64_t> trusted_micros;  // the clock, as retention believed it last
  int64_t ahead_seconds = 0;              // how long the real one has been ahead of that

  void Delete(uint64_t number);
  bool IsDeleted(uint64_t number) const;

  friend bool operator==(const LogState&, const LogState&) = default;
};

// The state as lines of text, the last of which is a checksum of the others.
std::string PrintLogState(const LogState& state);
// None: it is no such text, or damaged.
std::optional<LogState> ParseLogState(absl::string_view text);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_LOG_LOG_STATE_H_
