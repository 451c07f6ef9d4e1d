// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/forward.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status/status.h"
#include "policy/resources/names.h"
#include "policy/resources/ports.h"
#include "policy/resources/prefix.h"

namespace firebreak::policy {
namespace {

absl::Status Wrong(absl::string_view text) {
  return absl::InvalidArgumentError(absl::StrCat(
      Quoted(text),
      " is not where something can be sent: give an address and port such as "
      "\"192.168.0.5:3389\" or \"[2001:db8::5]:80\", an address alone, or \":8080\" for another "
      "port of this host"));
}

// Whether the address can belong to a private host; loopback, multicast and the like cannot.
bool IsUnicast(const std::string& address) {
  const auto first = static_cast<uint8_t>(address[0]);
  if (address.size() == 4) return first != 0 && first != 127 && first < 224;
  const bool low = std::all_of(address.begin(), address.end() - 1, [](char c) { return c == 0; });
  return first != 0xff && !low;
}

}  // namespace

absl::StatusOr<v1::Forward> ParseForward(absl::string_view text) {
  absl::string_view address = text, port;
  if (absl::ConsumePrefix(&address, "[")) {
    const size_t end = address.find(']');
    if (end == absl::string_view::npos) return Wrong(text);
    port = address.substr(end + 1);
    address = address.substr(0, end);
    if (!port.empty() && !absl::ConsumePrefix(&port, ":")) return Wrong(text);
  } else if (std::count(text.begin(), text.end(), ':') == 1) {
    port = address.substr(address.find(':') + 1);
    address = address.substr(0, address.find(':'));
    if (port.empty()) return Wrong(text);
  }
  v1::Forward forward;
  if (!address.empty()) {
    const absl::StatusOr<Prefix> parsed = ParsePrefix(address);
    if (!parsed.ok() || parsed->length != static_cast<int>(parsed->address.size()) * 8) {
      return Wrong(text);
    }
    if (!IsUnicast(parsed->address)) {
      return absl::InvalidArgumentError(
          absl::StrCat(Quoted(text),
                       " is not the address of one host; for another port of this "
                       "host give the port alone, as in \":8080\""));
    }
    forward.set_address(parsed->address);
  } else if (port.empty()) {
    return Wrong(text);
  }
  if (!port.empty()) {
    ASSIGN_OR_RETURN(const Ports parsed, ParsePorts(port));
    if (parsed.first != parsed.last) return Wrong(text);
    forward.set_port(parsed.first);
  }
  return forward;
}

}  // namespace firebreak::policy
