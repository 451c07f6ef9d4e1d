// SPDX-License-Identifier: Apache-2.0
#include "controller/log/log_state.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/checksum/crc32c.h"

namespace firebreak::controller {
namespace {

constexpr absl::string_view kFirstLine = "firebreak-log 1";

bool ParseLine(absl::string_view line, LogState& state) {
  const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
  if (words.size() == 2 && words[0] == "newest") return absl::SimpleAtoi(words[1], &state.newest);
  if (words.size() == 3 && words[0] == "deleted") {
    uint64_t first;
    uint64_t last;
    if (!absl::SimpleAtoi(words[1], &first) || !absl::SimpleAtoi(words[2], &last) || first > last) {
      return false;
    }
    state.deleted[first] = last;
    return true;
  }
  if (words.size() == 3 && words[0] == "clock") {
    int64_t micros;
    if (!absl::SimpleAtoi(words[1], &micros) || !absl::SimpleAtoi(words[2], &state.ahead_seconds)) {
      return false;
    }
    state.trusted_micros = micros;
    return true;
  }
  return false;
}

}  // namespace

void LogState::Delete(uint64_t number) {
  if (IsDeleted(number)) return;
  uint64_t last = number;
  if (const auto after = deleted.find(number + 1); after != deleted.end()) {
    last = after->second;
    deleted.erase(after);
  }
  const auto behind = deleted.lower_bound(number);
  if (behind != deleted.begin() && std::prev(behind)->second + 1 == number) {
    std::prev(behind)->second = last;
  } else {
    deleted[number] = last;
  }
}

bool LogState::IsDeleted(uint64_t number) const {
  const auto behind = deleted.upper_bound(number);
  return behind != deleted.begin() && std::prev(behind)->second >= number;
}

std::string PrintLogState(const LogState& state) {
  std::string text = absl::StrCat(kFirstLine, "\nnewest ", state.newest, "\n");
  for (const auto& [first, last] : state.deleted) {
    absl::StrAppend(&text, "deleted ", first, " ", last, "\n");
  }
  if (state.trusted_micros.has_value()) {
    absl::StrAppend(&text, "clock ", *state.trusted_micros, " ", state.ahead_seconds, "\n");
  }
  return absl::StrCat(text, "crc ", absl::Hex(Crc32c(text), absl::kZeroPad8), "\n");
}

std::optional<LogState> ParseLogState(absl::string_view text) {
  const size_t last_line = text.rfind("crc ");
  if (last_line == absl::string_view::npos) return std::nullopt;
  const absl::string_view lines = text.substr(0, last_line);
  if (text.substr(last_line) !=
      absl::StrCat("crc ", absl::Hex(Crc32c(lines), absl::kZeroPad8), "\n")) {
    return std::nullopt;
  }
  LogState state;
  bool first = true;
  for (const absl::string_view line : absl::StrSplit(lines, '\n', absl::SkipEmpty())) {
    if (first ? line != kFirstLine : !ParseLine(line, state)) return std::nullopt;
    first = false;
  }
  if (first) return std::nullopt;
  return state;
}

}  // namespace firebreak::controller
