// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "policy/resources/check.h"
#include "policy/resources/check_span.h"
#include "policy/resources/elsewhere.h"
#include "policy/resources/names.h"
#include "policy/resources/pem.h"
#include "policy/resources/prefix.h"

namespace firebreak::policy {
namespace {

constexpr int kMaxBeacons = 16;
constexpr int kMaxHints = 256;
constexpr uint32_t kMaxHops = 32;
constexpr size_t kMaxSsidBytes = 32;  // IEEE 802.11, 9.4.2.2

void CheckBeacon(const v1::Beacon& beacon, const FieldPath& path, Findings& findings) {
  const FieldPath address(path, "address"), server_name(path, "server_name"), ca(path, "ca");
  if (beacon.address().empty()) {
    findings.AddMissing(path, "the beacon has no \"address\", such as \"10.0.0.1:7444\"");
  } else {
    findings.Add(address, CheckAddressAndPort(beacon.address()));
  }
  if (beacon.server_name().empty()) {
    findings.AddMissing(path, "the beacon has no \"server_name\", the name in its certificate");
  } else {
    findings.Add(server_name, CheckDnsName(beacon.server_name()));
  }
  if (beacon.ca().empty()) {
    findings.AddMissing(path, "the beacon has no \"ca\", the location's own CA in PEM");
  } else {
    findings.Add(ca, CheckPemCertificates(beacon.ca()));
  }
}

// Checks that the precedence is unique, because an interface that proves two locations at once is
// at the one with the higher precedence.
void CheckPrecedence(const v1::Location& location, const Configuration& configuration,
                     Findings& findings) {
  for (const auto& [key, resource] : configuration.resources()) {
    if (!resource->has_location() || resource->location().name() == location.name() ||
        resource->location().precedence() != location.precedence()) {
      continue;
    }
    findings.Add(FieldPath({}, "precedence"),
                 absl::StrCat("location ", Quoted(resource->location().name()),
                              " has the precedence ", location.precedence(),
                              " too: an interface that proves both could not tell where it is; "
                              "give one of them another"));
    return;
  }
}

// Checks that the text has six bytes in hexadecimal with colons between them.
absl::Status CheckMacAddress(absl::string_view text) {
  bool good = text.size() == 17;
  for (size_t i = 0; good && i < text.size(); ++i) {
    good = i % 3 == 2 ? text[i] == ':' : absl::ascii_isxdigit(static_cast<unsigned char>(text[i]));
  }
  if (good) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(Quoted(text), " is not a MAC address such as \"02:00:00:00:00:01\""));
}

}  // namespace

void CheckLocation(const v1::Location& location, const Configuration& configuration,
                   Findings& findings) {
  const FieldPath top;
  if (location.name() == kElsewhere) {
    findings.Add(FieldPath(top, "name"),
                 "\"elsewhere\" is built in: it is where interfaces are that have proven no "
                 "location; choose another name");
  }
  if (location.beacons_size() > kMaxBeacons) {
    findings.Add(FieldPath(top, "beacons"),
                 absl::StrCat("the location has more than ", kMaxBeacons, " beacons"));
  }
  for (int i = 0; i < location.beacons_size(); ++i) {
    CheckBeacon(location.beacons(i), FieldPath(top, "beacons", i), findings);
  }
  CheckPrecedence(location, configuration, findings);
  if (location.max_hops() > kMaxHops) {
    findings.Add(
        FieldPath(top, "max_hops"),
        absl::StrCat(location.max_hops(), " is out of range: it goes from 0 to ", kMaxHops));
  }
  CheckSpan(location.has_lease(), location.lease(), absl::Seconds(3), absl::Hours(1),
            FieldPath(top, "lease"), findings);
  CheckSpan(location.has_max_round_trip(), location.max_round_trip(), absl::Milliseconds(1),
            absl::Seconds(10), FieldPath(top, "max_round_trip"), findings);
  const FieldPath hints(top, "hints");
  if (location.hints().subnets_size() + location.hints().dns_suffixes_size() +
          location.hints().gateway_macs_size() + location.hints().ssids_size() >
      kMaxHints) {
    findings.Add(hints, absl::StrCat("the location has more than ", kMaxHints, " hints"));
  }
  for (int i = 0; i < location.hints().subnets_size(); ++i) {
    findings.Add(FieldPath(hints, "subnets", i), ParsePrefix(location.hints().subnets(i)).status());
  }
  for (int i = 0; i < location.hints().dns_suffixes_size(); ++i) {
    findings.Add(FieldPath(hints, "dns_suffixes", i),
                 CheckDnsName(location.hints().dns_suffixes(i)));
  }
  for (int i = 0; i < location.hints().gateway_macs_size(); ++i) {
    findings.Add(FieldPath(hints, "gateway_macs", i),
                 CheckMacAddress(location.hints().gateway_macs(i)));
  }
  for (int i = 0; i < location.hints().ssids_size(); ++i) {
    const size_t bytes = location.hints().ssids(i).size();
    if (bytes >= 1 && bytes <= kMaxSsidBytes) continue;
    findings.Add(FieldPath(hints, "ssids", i),
                 absl::StrCat("an SSID has 1 to ", kMaxSsidBytes, " bytes"));
  }
}

}  // namespace firebreak::policy
