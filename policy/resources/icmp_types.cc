// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/icmp_types.h"

#include <netinet/in.h>

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/status/status.h"
#include "policy/resources/names.h"
#include "policy/resources/nearest.h"

namespace firebreak::policy {
namespace {

struct TypeName {
  absl::string_view name;
  uint8_t type;
};

// The types that IANA registers (icmp-parameters, icmpv6-parameters). Where one type has two names,
// the first is printed.
constexpr TypeName kIcmp[] = {
    {"echo-reply", 0},
    {"destination-unreachable", 3},
    {"source-quench", 4},
    {"redirect", 5},
    {"echo-request", 8},
    {"router-advertisement", 9},
    {"router-solicitation", 10},
    {"router-request", 10},
    {"time-exceeded", 11},
    {"parameter-problem", 12},
    {"timestamp-request", 13},
    {"timestamp-reply", 14},
    {"info-request", 15},
    {"info-reply", 16},
    {"address-mask-request", 17},
    {"address-mask-reply", 18},
    {"extended-echo-request", 42},
    {"extended-echo-reply", 43},
};

constexpr TypeName kIcmpv6[] = {
    {"destination-unreachable", 1},
    {"packet-too-big", 2},
    {"time-exceeded", 3},
    {"parameter-problem", 4},
    {"echo-request", 128},
    {"echo-reply", 129},
    {"mld-listener-query", 130},
    {"mld-listener-report", 131},
    {"mld-listener-done", 132},
    {"router-solicitation", 133},
    {"router-request", 133},
    {"router-advertisement", 134},
    {"neighbour-solicitation", 135},
    {"neighbor-solicitation", 135},
    {"neighbour-advertisement", 136},
    {"neighbor-advertisement", 136},
    {"redirect", 137},
    {"router-renumbering", 138},
    {"mld2-listener-report", 143},
    {"extended-echo-request", 160},
    {"extended-echo-reply", 161},
};

std::vector<TypeName> NamesFor(uint8_t protocol) {
  if (protocol == IPPROTO_ICMP) return {std::begin(kIcmp), std::end(kIcmp)};
  return {std::begin(kIcmpv6), std::end(kIcmpv6)};
}

// Returns none unless `text` is a number up to 255.
std::optional<uint8_t> ParseByte(absl::string_view text) {
  if (text.empty() || text.size() > 3 ||
      !std::all_of(text.begin(), text.end(), absl::ascii_isdigit)) {
    return std::nullopt;
  }
  int number = 0;
  for (const char c : text) number = number * 10 + (c - '0');
  return number <= 255 ? std::optional<uint8_t>(static_cast<uint8_t>(number)) : std::nullopt;
}

std::optional<uint8_t> FindType(absl::string_view name, uint8_t protocol) {
  for (const TypeName& known : NamesFor(protocol)) {
    if (known.name == name) return known.type;
  }
  return std::nullopt;
}

}  // namespace

absl::StatusOr<v1::IcmpKind> ParseIcmpKind(absl::string_view text, uint8_t protocol) {
  const size_t slash = text.find('/');
  const absl::string_view name = text.substr(0, slash);
  std::optional<uint8_t> type = ParseByte(name);
  if (!type.has_value()) type = FindType(name, protocol);
  if (!type.has_value()) {
    const char* const own = protocol == IPPROTO_ICMP ? "icmp" : "icmpv6";
    const auto other = static_cast<uint8_t>(int{IPPROTO_ICMP} + int{IPPROTO_ICMPV6} - protocol);
    if (FindType(name, other).has_value()) {
      return absl::InvalidArgumentError(absl::StrCat(own, " has no type ", Quoted(name), "; ",
                                                     other == IPPROTO_ICMP ? "icmp" : "icmpv6",
                                                     " has one of that name"));
    }
    const std::string near = DidYouMean(name, IcmpTypeNames(protocol));
    return absl::InvalidArgumentError(
        absl::StrCat(Quoted(text), " is no type of ", own,
                     near.empty() ? ": give a name such as echo-request, a number, or a type and a "
                                    "code such as 3/4"
                                  : near));
  }
  v1::IcmpKind kind;
  kind.set_protocol(protocol);
  kind.set_type(*type);
  if (slash != absl::string_view::npos) {
    const std::optional<uint8_t> code = ParseByte(text.substr(slash + 1));
    if (!code.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat(Quoted(text), ": the code is a number from 0 to 255, as in 3/4"));
    }
    kind.set_code(*code);
  }
  return kind;
}

std::string IcmpKindText(const v1::IcmpKind& kind) {
  std::string text = absl::StrCat(kind.type());
  for (const TypeName& known : NamesFor(static_cast<uint8_t>(kind.protocol()))) {
    if (known.type != kind.type()) continue;
    text = std::string(known.name);
    break;
  }
  return kind.has_code() ? absl::StrCat(text, "/", kind.code()) : text;
}

std::vector<std::string> IcmpTypeNames(uint8_t protocol) {
  std::vector<std::string> names;
  for (const TypeName& known : NamesFor(protocol)) names.emplace_back(known.name);
  return names;
}

}  // namespace firebreak::policy
