// SPDX-License-Identifier: Apache-2.0
#include "policy/import/iptables_unsayable.h"

namespace firebreak::importer {
namespace {

struct Unsayable {
  absl::string_view option;
  absl::string_view what;
};
constexpr Unsayable kUnsayable[] = {
    {"--mac-source", "MAC addresses, which are easily forged"},
    {"--mark", "marks"},
    {"--nfmask", "marks"},
    {"--string", "the contents of packets"},
    {"--hex-string", "the contents of packets"},
    {"--algo", "the contents of packets"},
    {"--u32", "the contents of packets"},
    {"--bytecode", "the contents of packets"},
    {"--timestart", "the time of day"},
    {"--timestop", "the time of day"},
    {"--weekdays", "the day of the week"},
    {"--datestart", "dates; see `expires` for an end"},
    {"--datestop", "dates; see `expires` for an end"},
    {"--monthdays", "dates"},
    {"--ttl-eq", "the time to live"},
    {"--ttl-gt", "the time to live"},
    {"--ttl-lt", "the time to live"},
    {"--hl-gt", "the hop limit"},
    {"--hl-lt", "the hop limit"},
    {"--tos", "the type of service"},
    {"--dscp", "the type of service"},
    {"--dscp-class", "the type of service"},
    {"--length", "the length of packets"},
    {"--mode", "a part of the packets by chance"},
    {"--probability", "a part of the packets by chance"},
    {"--quota", "how much has been sent"},
    {"--src-cc", "countries; list their prefixes in `from`"},
    {"--source-country", "countries; list their prefixes in `from`"},
    {"--dst-cc", "countries; list their prefixes in `to`"},
    {"--pol", "whether a packet came through IPsec"},
    {"--dir", "whether a packet came through IPsec"},
    {"--physdev-in", "ports of a bridge"},
    {"--physdev-out", "ports of a bridge"},
    {"--path", "cgroups by their path; name the unit of systemd in `units`"},
    {"--cgroup", "cgroups by their number; name the unit of systemd in `units`"},
    {"--tcp-option", "options of TCP"},
    {"--mss", "options of TCP"},
    {"--ctdir", "the direction of a flow"},
    {"--connbytes", "how much a flow has sent"},
    {"--realm", "the realm of routes"},
    {"--espspi", "SPIs"},
    {"--ahspi", "SPIs"},
    {"--header", "extension headers of IPv6"},
    {"--fragid", "fragments"},
};

}  // namespace

absl::string_view WhatNobodyLooksAt(absl::string_view option) {
  for (const Unsayable& one : kUnsayable) {
    if (one.option == option) return one.what;
  }
  return "";
}

}  // namespace firebreak::importer
