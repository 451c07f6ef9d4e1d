// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/ports.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "policy/resources/names.h"

namespace firebreak::policy {
namespace {

constexpr uint64_t kMaxPort = 65535;

// Returns nullopt unless `text` consists of digits; a number that is too large to hold becomes one
// that is larger than any port.
std::optional<uint64_t> ParseNumber(absl::string_view text) {
  if (text.empty() || !std::all_of(text.begin(), text.end(), absl::ascii_isdigit)) {
    return std::nullopt;
  }
  uint64_t number = 0;
  for (char c : text) number = std::min<uint64_t>(number * 10 + (c - '0'), kMaxPort + 1);
  return number;
}

}  // namespace

absl::StatusOr<Ports> ParsePorts(absl::string_view text) {
  const size_t dash = text.find('-');
  const std::optional<uint64_t> first =
      ParseNumber(absl::StripAsciiWhitespace(text.substr(0, dash)));
  const std::optional<uint64_t> last =
      dash == absl::string_view::npos
          ? first
          : ParseNumber(absl::StripAsciiWhitespace(text.substr(dash + 1)));
  if (!first.has_value() || !last.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat(Quoted(text), " is not a port or a range, such as 443 or 27000-27050"));
  }
  for (const uint64_t number : {*first, *last}) {
    if (number < 1 || number > kMaxPort) {
      return absl::InvalidArgumentError(
          absl::StrCat("port ", Quoted(text), " is out of range: ports go from 1 to 65535"));
    }
  }
  if (*first > *last) {
    return absl::InvalidArgumentError(absl::StrCat(
        "ports ", Quoted(text), " are the wrong way round; write ", *last, "-", *first));
  }
  return Ports{static_cast<uint16_t>(*first), static_cast<uint16_t>(*last)};
}

std::string PortsText(const Ports& ports) {
  if (ports.first == ports.last) return absl::StrCat(ports.first);
  return absl::StrCat(ports.first, "-", ports.last);
}

}  // namespace firebreak::policy
