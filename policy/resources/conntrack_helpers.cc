// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/conntrack_helpers.h"

#include <netinet/in.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status/status.h"
#include "policy/resources/names.h"
#include "policy/resources/nearest.h"
#include "policy/resources/protocols.h"
#include "policy/resources/service_catalogue.h"

namespace firebreak::policy {
namespace {

constexpr ConntrackHelperKind kKinds[] = {
    {"ftp", "ftp", IPPROTO_TCP, 21},      {"h323", "RAS", IPPROTO_UDP, 1719},
    {"h323", "Q.931", IPPROTO_TCP, 1720}, {"irc", "irc", IPPROTO_TCP, 6667},
    {"pptp", "pptp", IPPROTO_TCP, 1723},  {"sip", "sip", IPPROTO_UDP, 5060},
    {"sip", "sip", IPPROTO_TCP, 5060},    {"tftp", "tftp", IPPROTO_UDP, 69},
};

v1::Helper MakeHelper(const ConntrackHelperKind& kind, uint32_t first, uint32_t last) {
  v1::Helper helper;
  helper.set_name(std::string(kind.name));
  helper.mutable_ports()->set_protocol(kind.protocol);
  helper.mutable_ports()->set_first(first);
  helper.mutable_ports()->set_last(last);
  return helper;
}

absl::Status Unknown(absl::string_view name) {
  std::vector<std::string> names;
  for (const ConntrackHelperKind& kind : kKinds) {
    if (names.empty() || names.back() != kind.name) names.emplace_back(kind.name);
  }
  const std::string nearest = DidYouMean(name, names);
  return absl::InvalidArgumentError(
      absl::StrCat("unknown helper ", Quoted(name),
                   nearest.empty() ? "; there are ftp, h323, irc, pptp, sip, tftp" : nearest));
}

}  // namespace

std::span<const ConntrackHelperKind> ConntrackHelperKinds() { return kKinds; }

absl::string_view ConntrackHelperModule(absl::string_view name, uint32_t protocol) {
  const auto* found =
      std::find_if(std::begin(kKinds), std::end(kKinds), [&](const ConntrackHelperKind& kind) {
        return kind.name == name && kind.protocol == protocol;
      });
  return found == std::end(kKinds) ? absl::string_view() : found->module;
}

absl::StatusOr<std::vector<v1::Helper>> ParseConntrackHelper(absl::string_view text) {
  const size_t colon = text.find(':');
  const absl::string_view name = text.substr(0, colon);
  std::vector<v1::Helper> helpers;
  std::string protocols;
  for (const ConntrackHelperKind& kind : kKinds) {
    if (kind.name != name) continue;
    helpers.push_back(MakeHelper(kind, kind.port, kind.port));
    absl::StrAppend(&protocols, protocols.empty() ? "" : " and ", ProtocolText(kind.protocol));
  }
  if (helpers.empty()) return Unknown(name);
  if (colon == absl::string_view::npos) return helpers;

  ASSIGN_OR_RETURN(const v1::PortRange ports, ParseServicePort(text.substr(colon + 1)));
  std::erase_if(helpers, [&](const v1::Helper& helper) {
    return helper.ports().protocol() != ports.protocol();
  });
  if (helpers.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the helper ", name, " reads ", protocols, ", not ",
                     ProtocolText(static_cast<uint8_t>(ports.protocol()))));
  }
  *helpers.front().mutable_ports() = ports;
  return helpers;
}

}  // namespace firebreak::policy
