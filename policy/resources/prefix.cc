// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/prefix.h"

#include <netinet/in.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/address/address.h"
#include "policy/resources/names.h"
#include "policy/resources/ports.h"

namespace firebreak::policy {
namespace {

constexpr char kMapped[] = "\0\0\0\0\0\0\0\0\0\0\xff\xff";  // RFC 4291, 2.5.5.2
constexpr size_t kMappedBytes = 12;

std::optional<int> ParseLength(absl::string_view text, int most) {
  if (text.empty() || text.size() > 3 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  int length = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    length = length * 10 + (c - '0');
  }
  return length <= most ? std::optional(length) : std::nullopt;
}

}  // namespace

absl::StatusOr<Prefix> ParsePrefix(absl::string_view text) {
  const size_t slash = text.find('/');
  std::optional<std::string> address = ParseAddress(text.substr(0, slash));
  if (!address.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat(
        Quoted(text),
        " is not an address or a prefix, such as \"10.0.0.0/8\" or \"2001:db8::/32\""));
  }
  const int most = static_cast<int>(address->size()) * 8;
  int length = most;
  if (slash != absl::string_view::npos) {
    const std::optional<int> given = ParseLength(text.substr(slash + 1), most);
    if (!given.has_value()) {
      return absl::InvalidArgumentError(absl::StrCat(
          Quoted(text), " is not a prefix: its length must be a number from 0 to ", most));
    }
    length = *given;
  }
  if (address->size() == 16 &&
      absl::StartsWith(*address, absl::string_view(kMapped, kMappedBytes))) {
    return absl::InvalidArgumentError(
        absl::StrCat(Quoted(text), " is IPv4 in the form of IPv6: no packet carries it; write \"",
                     PrefixText({address->substr(kMappedBytes), std::max(length - 96, 0)}), "\""));
  }
  if (!HostBitsAreZero(*address, length)) {
    return absl::InvalidArgumentError(
        absl::StrCat(Quoted(text), " has bits set behind its length of ", length, "; write \"",
                     PrefixText(PrefixAround(*address, length)), "\", or the address alone"));
  }
  return Prefix{*std::move(address), length};
}

std::string PrefixText(const Prefix& prefix) {
  return absl::StrCat(AddressText(prefix.address), "/", prefix.length);
}

Prefix PrefixAround(std::string address, int length) {
  for (int i = 0; i < static_cast<int>(address.size()); ++i) {
    const int kept = std::clamp(length - i * 8, 0, 8);
    address[i] = static_cast<char>(address[i] & (0xff00 >> kept));
  }
  return {std::move(address), length};
}

bool Contains(const Prefix& prefix, absl::string_view address) {
  return address.size() == prefix.address.size() &&
         PrefixAround(std::string(address), prefix.length) == prefix;
}

bool HostBitsAreZero(absl::string_view address, int length) {
  for (int i = 0; i < static_cast<int>(address.size()); ++i) {
    const int kept = std::clamp(length - i * 8, 0, 8);
    if ((static_cast<unsigned char>(address[i]) & (0xff >> kept)) != 0) return false;
  }
  return true;
}

absl::Status CheckAddressAndPort(absl::string_view text) {
  const size_t colon = text.rfind(':');
  bool valid = colon != absl::string_view::npos;
  if (valid) {
    absl::string_view host = text.substr(0, colon);
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) host = host.substr(1, host.size() - 2);
    const auto address = ParseAddress(host);
    const auto port = ParsePorts(text.substr(colon + 1));
    valid = address.has_value() && (address->size() == 16) == bracketed && port.ok() &&
            port->first == port->last;
  }
  if (valid) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(Quoted(text),
                   " is not an address and a port, such as \"10.0.0.1:7444\" or "
                   "\"[2001:db8::1]:7444\"; a name is not taken, as proof must not rest on DNS"));
}

}  // namespace firebreak::policy
