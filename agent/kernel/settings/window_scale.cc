// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/settings/window_scale.h"

#include <algorithm>
#include <bit>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "agent/kernel/settings/settings.h"

namespace firebreak::agent {

std::optional<uint8_t> WindowScaleFor(absl::string_view tcp_rmem, absl::string_view rmem_max) {
  constexpr int kUnscaledBits = 16, kMaxScale = 14;  // RFC 7323, 2.2 and 2.3
  const std::vector<absl::string_view> parts =
      absl::StrSplit(tcp_rmem, absl::ByAnyChar(" \t\n"), absl::SkipEmpty());
  uint32_t largest = 0, of_sockets = 0;
  if (parts.size() != 3 || !absl::SimpleAtoi(parts[2], &largest)) return std::nullopt;
  if (absl::SimpleAtoi(absl::StripAsciiWhitespace(rmem_max), &of_sockets)) {
    largest = std::max(largest, of_sockets);
  }
  return static_cast<uint8_t>(
      std::clamp(static_cast<int>(std::bit_width(largest)) - kUnscaledBits, 0, kMaxScale));
}

std::optional<uint8_t> ReadWindowScale() {
  const auto tcp_rmem = ReadSetting("net/ipv4/tcp_rmem");
  if (!tcp_rmem.ok()) return std::nullopt;
  return WindowScaleFor(*tcp_rmem, ReadSetting("net/core/rmem_max").value_or(""));
}

}  // namespace firebreak::agent
