// SPDX-License-Identifier: Apache-2.0
#include "policy/location/hints.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "policy/resources/prefix.h"

namespace firebreak::policy {
namespace {

// Whether an address such as "192.0.2.1/24" lies in one of the prefixes.
bool InSubnets(const google::protobuf::RepeatedPtrField<std::string>& subnets,
               const std::string& address) {
  const absl::string_view alone = absl::string_view(address).substr(0, address.find('/'));
  const absl::StatusOr<Prefix> own = ParsePrefix(alone);
  if (!own.ok()) return false;
  return std::any_of(subnets.begin(), subnets.end(), [&](const std::string& subnet) {
    const absl::StatusOr<Prefix> prefix = ParsePrefix(subnet);
    return prefix.ok() && Contains(*prefix, own->address);
  });
}

// The kernel makes up a link-local address for every link, so the address says nothing about the
// network.
bool IsLinkLocal(const std::string& address) {
  return absl::StartsWith(address, "169.254.") || absl::StartsWithIgnoreCase(address, "fe80:");
}

// Whether `known` is the suffix itself or a name below it.
bool IsSuffix(absl::string_view hint, absl::string_view known) {
  hint = absl::StripSuffix(hint, ".");
  known = absl::StripSuffix(known, ".");
  if (!absl::EndsWithIgnoreCase(known, hint)) return false;
  return known.size() == hint.size() || known[known.size() - hint.size() - 1] == '.';
}

std::optional<std::string> Unless(bool found, absl::string_view what,
                                  const std::vector<std::string>& known) {
  if (found || known.empty()) return std::nullopt;
  return absl::StrCat("the location's hints do not name ", what, " ", absl::StrJoin(known, ", "));
}

}  // namespace

std::optional<std::string> RuledOut(const v1::Hints& hints, const NetworkFacts& facts) {
  if (!hints.subnets().empty()) {
    std::vector<std::string> addresses;
    for (const std::string& address : facts.addresses) {
      if (!IsLinkLocal(address)) addresses.push_back(address);
    }
    const bool found = std::any_of(
        addresses.begin(), addresses.end(),
        [&](const std::string& address) { return InSubnets(hints.subnets(), address); });
    if (auto reason = Unless(found, "the subnet of", addresses)) return reason;
  }
  if (!hints.dns_suffixes().empty()) {
    const bool found = std::any_of(
        facts.dns_suffixes.begin(), facts.dns_suffixes.end(), [&](const std::string& known) {
          return std::any_of(hints.dns_suffixes().begin(), hints.dns_suffixes().end(),
                             [&](const std::string& hint) { return IsSuffix(hint, known); });
        });
    if (auto reason = Unless(found, "the DNS suffix", facts.dns_suffixes)) return reason;
  }
  if (!hints.gateway_macs().empty()) {
    const bool found = std::any_of(
        facts.gateway_macs.begin(), facts.gateway_macs.end(), [&](const std::string& known) {
          return std::any_of(
              hints.gateway_macs().begin(), hints.gateway_macs().end(),
              [&](const std::string& hint) { return absl::EqualsIgnoreCase(hint, known); });
        });
    if (auto reason = Unless(found, "the gateway's MAC address", facts.gateway_macs)) return reason;
  }
  if (!hints.ssids().empty() && facts.ssid.has_value()) {
    const bool found =
        std::find(hints.ssids().begin(), hints.ssids().end(), *facts.ssid) != hints.ssids().end();
    if (auto reason = Unless(found, "the wireless network", {*facts.ssid})) return reason;
  }
  return std::nullopt;
}

}  // namespace firebreak::policy
