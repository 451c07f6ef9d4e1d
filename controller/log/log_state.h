// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_LOG_LOG_STATE_H_
#define FIREBREAK_CONTROLLER_LOG_LOG_STATE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace firebreak::controller {

// The facts that a log stores about its segments outside of them, so that a missing segment can be
// told from a deleted one.
struct LogState {
  uint64_t newest = 0;  // the highest number that a segment ever had
  // Deleted on purpose: first to last number of each run; runs are not adjacent.
  std::map<uint64_t, uint64_t> deleted;
  std::optional<int64_t> trusted_micros;  // the time that retention last believed
  int64_t ahead_seconds = 0;              // how long the real clock has been ahead of that

  void Delete(uint64_t number);
  bool IsDeleted(uint64_t number) const;

  friend bool operator==(const LogState&, const LogState&) = default;
};

// Returns the state as lines of text; the last line is a checksum of the others.
std::string PrintLogState(const LogState& state);
// Returns nullopt if the text is not such a state or is damaged.
std::optional<LogState> ParseLogState(absl::string_view text);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_LOG_LOG_STATE_H_
