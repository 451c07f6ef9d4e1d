// SPDX-License-Identifier: Apache-2.0
#include "base/address/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace firebreak {

std::optional<std::string> ParseAddress(absl::string_view text) {
  if (text.size() >= INET6_ADDRSTRLEN) return std::nullopt;
  const std::string terminated(text);
  if (terminated.find('\0') != std::string::npos) return std::nullopt;
  char bytes[sizeof(in6_addr)];
  if (inet_pton(AF_INET, terminated.c_str(), bytes) == 1) return std::string(bytes, 4);
  if (inet_pton(AF_INET6, terminated.c_str(), bytes) == 1) return std::string(bytes, 16);
  return std::nullopt;
}

std::string AddressOfPrefix(absl::string_view text) {
  return ParseAddress(text.substr(0, text.find('/'))).value_or("");
}

std::string AddressText(absl::string_view address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.size() == 4) inet_ntop(AF_INET, address.data(), text, sizeof text);
  if (address.size() == 16) inet_ntop(AF_INET6, address.data(), text, sizeof text);
  return text;
}

std::string AddressAndPortText(absl::string_view address, uint32_t port) {
  const std::string text = AddressText(address);
  return JoinAddressAndPort(text.empty() ? "?" : text, port);
}

std::string JoinAddressAndPort(absl::string_view address, uint32_t port) {
  return absl::StrContains(address, ':') ? absl::StrCat("[", address, "]:", port)
                                         : absl::StrCat(address, ":", port);
}

}  // namespace firebreak
