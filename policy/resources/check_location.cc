#include "absl/strings/str_cat.h"
#include "policy/resources/check.h"
#include "policy/resources/names.h"
#include "policy/resources/pem.h"
#include "policy/resources/prefix.h"

namespace firebreak::policy {
namespace {

constexpr int kMaxBeacons = 16;
constexpr int kMaxHints = 256;

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

}  // namespace

void CheckLocation(const v1::Location& location, Findings& findings) {
  const FieldPath top;
  if (location.name() == "elsewhere") {
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
  const FieldPath hints(top, "hints");
  if (location.hints().subnets_size() + location.hints().dns_suffixes_size() > kMaxHints) {
    findings.Add(hints, absl::StrCat("the location has more than ", kMaxHints, " hints"));
  }
  for (int i = 0; i < location.hints().subnets_size(); ++i) {
    findings.Add(FieldPath(hints, "subnets", i), ParsePrefix(location.hints().subnets(i)).status());
  }
  for (int i = 0; i < location.hints().dns_suffixes_size(); ++i) {
    findings.Add(FieldPath(hints, "dns_suffixes", i),
                 CheckDnsName(location.hints().dns_suffixes(i)));
  }
}

}  // namespace firebreak::policy
