// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/settings/client_ports.h"

#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "agent/kernel/settings/settings.h"
#include "base/status/status.h"

namespace firebreak::agent {
namespace {

constexpr char kName[] = "net/ipv4/ip_local_port_range";

absl::StatusOr<policy::PortSpan> Read() {
  ASSIGN_OR_RETURN(const std::string text, ReadSetting(kName));
  return ParseClientPorts(text);
}

}  // namespace

absl::StatusOr<policy::PortSpan> ParseClientPorts(absl::string_view text) {
  const std::vector<absl::string_view> parts =
      absl::StrSplit(text, absl::ByAnyChar(" \t\n"), absl::SkipEmpty());
  uint32_t first = 0, last = 0;
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &first) ||
      !absl::SimpleAtoi(parts[1], &last) || first == 0 || first > last || last > 65535) {
    return absl::InvalidArgumentError(absl::StrCat(kName, " is not a range of ports"));
  }
  return policy::PortSpan{.first = static_cast<uint16_t>(first),
                          .last = static_cast<uint16_t>(last)};
}

policy::PortSpan ReadClientPorts() { return Read().value_or(policy::PortSpan()); }

}  // namespace firebreak::agent
