// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "controller/log/log_store.h"

namespace firebreak::controller {

std::string PrintPosition(const LogPosition& position) {
  return absl::StrCat(position.segment, ".", position.offset, ".", position.record);
}

std::optional<LogPosition> ParsePosition(const std::string& text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '.');
  LogPosition position;
  if (parts.size() != 3 || !absl::SimpleAtoi(parts[0], &position.segment) ||
      !absl::SimpleAtoi(parts[1], &position.offset) ||
      !absl::SimpleAtoi(parts[2], &position.record)) {
    return std::nullopt;
  }
  return position;
}

}  // namespace firebreak::controller
