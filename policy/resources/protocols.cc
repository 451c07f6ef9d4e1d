// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/protocols.h"

#include <netinet/in.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "policy/resources/names.h"

namespace firebreak::policy {
namespace {

struct Protocol {
  absl::string_view name;
  uint8_t number;
  bool ports;
};

constexpr uint8_t kEigrp = 88, kOspf = 89, kVrrp = 112, kL2tp = 115;

constexpr Protocol kProtocols[] = {
    {"tcp", IPPROTO_TCP, true},
    {"udp", IPPROTO_UDP, true},
    {"sctp", IPPROTO_SCTP, true},
    {"dccp", IPPROTO_DCCP, true},
    {"udplite", IPPROTO_UDPLITE, true},
    {"igmp", IPPROTO_IGMP, false},
    {"ipip", IPPROTO_IPIP, false},
    {"ipv6", IPPROTO_IPV6, false},
    {"rsvp", IPPROTO_RSVP, false},
    {"gre", IPPROTO_GRE, false},
    {"esp", IPPROTO_ESP, false},
    {"ah", IPPROTO_AH, false},
    {"eigrp", kEigrp, false},
    {"ospf", kOspf, false},
    {"pim", IPPROTO_PIM, false},
    {"vrrp", kVrrp, false},
    {"l2tp", kL2tp, false},
};

// Returns IPPROTO_ICMP or IPPROTO_ICMPV6; 0 if the text is neither.
uint8_t WhichIcmp(absl::string_view text) {
  const std::string lower = absl::AsciiStrToLower(text);
  if (lower == "icmp" || lower == "1") return IPPROTO_ICMP;
  return lower == "icmpv6" || lower == "ipv6-icmp" || lower == "58" ? IPPROTO_ICMPV6 : 0;
}

}  // namespace

absl::StatusOr<uint8_t> ParseProtocol(absl::string_view text) {
  const std::string lower = absl::AsciiStrToLower(text);
  int number = 0;
  if (!text.empty() && text.size() <= 3 &&
      std::all_of(text.begin(), text.end(), absl::ascii_isdigit)) {
    for (char c : text) number = number * 10 + (c - '0');
  }
  if (WhichIcmp(lower) != 0 || number == IPPROTO_ICMP || number == IPPROTO_ICMPV6) {
    return absl::InvalidArgumentError(
        absl::StrCat("protocol ", Quoted(text),
                     " has no ports: write a mapping with \"protocol: icmp\" and \"types\""));
  }
  for (const Protocol& protocol : kProtocols) {
    if (protocol.name == lower) return protocol.number;
  }
  if (number >= 1 && number <= 255) return static_cast<uint8_t>(number);
  std::string names;
  for (const Protocol& protocol : kProtocols) absl::StrAppend(&names, protocol.name, ", ");
  return absl::InvalidArgumentError(absl::StrCat(Quoted(text), " is not a protocol: use one of ",
                                                 names, "or a number from 1 to 255"));
}

absl::StatusOr<uint8_t> ParseMappingProtocol(absl::string_view text) {
  if (absl::AsciiStrToLower(text) == "any") return kAnyProtocol;
  if (const uint8_t icmp = WhichIcmp(text); icmp != 0) return icmp;
  return ParseProtocol(text);
}

bool HasPorts(uint8_t protocol) {
  for (const Protocol& known : kProtocols) {
    if (known.number == protocol) return known.ports;
  }
  return false;
}

std::string ProtocolText(uint8_t protocol) {
  if (protocol == kAnyProtocol) return "any";
  if (protocol == IPPROTO_ICMP) return "icmp";
  if (protocol == IPPROTO_ICMPV6) return "icmpv6";
  for (const Protocol& known : kProtocols) {
    if (known.number == protocol) return std::string(known.name);
  }
  return absl::StrCat(static_cast<int>(protocol));
}

}  // namespace firebreak::policy
