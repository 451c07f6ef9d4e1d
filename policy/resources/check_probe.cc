// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "policy/resources/check.h"
#include "policy/resources/check_references.h"
#include "policy/resources/check_span.h"
#include "policy/resources/names.h"
#include "policy/resources/prefix.h"

namespace firebreak::policy {
namespace {

constexpr int kMaxGroups = 1000;
constexpr uint32_t kMaxPort = 65535;

void CheckDestination(const v1::Probe& probe, const References& references, Findings& findings) {
  const FieldPath top;
  if (probe.host().empty() == probe.address().empty()) {
    findings.AddMissing(top, "a probe goes to either a \"host\" of the fleet or an \"address\"");
    return;
  }
  if (!probe.host().empty()) {
    const FieldPath path(top, "host");
    CheckGroupReference(absl::StrCat("host:", probe.host()), path, references, findings);
    const std::string itself = absl::StrCat("host:", probe.host());
    const bool only_itself = !probe.groups().empty() &&
                             std::all_of(probe.groups().begin(), probe.groups().end(),
                                         [&](const std::string& group) { return group == itself; });
    if (only_itself) {
      findings.Add(path,
                   "the probe goes from a host to itself, which its firewall never sees; name "
                   "another host, or other groups");
    }
    return;
  }
  const FieldPath path(top, "address");
  const absl::StatusOr<Prefix> address = ParsePrefix(probe.address());
  if (!address.ok()) {
    findings.Add(path, address.status());
  } else if (probe.address().find('/') != std::string::npos) {
    findings.Add(path, "a probe goes to one address, not to a prefix");
  } else if (const auto first = static_cast<unsigned char>(address->address[0]);
             (address->address.size() == 4 && (first == 127 || first == 0 || first >= 224)) ||
             (address->address.size() == 16 &&
              (first == 0xff || address->address == std::string(15, '\0') + "\1" ||
               address->address == std::string(16, '\0')))) {
    findings.Add(path, absl::StrCat(Quoted(probe.address()),
                                    " is the host itself, or no single host: a probe goes to "
                                    "another host"));
  }
}

}  // namespace

void CheckProbe(const v1::Probe& probe, const References& references, Findings& findings) {
  const FieldPath top;
  if (probe.groups().empty()) {
    findings.AddMissing(FieldPath(top, "groups"),
                        "the probe has no \"groups\", from whose hosts it goes; for all hosts "
                        "write [all]");
  }
  for (int i = 0; i < std::min(probe.groups_size(), kMaxGroups); ++i) {
    CheckGroupReference(probe.groups(i), FieldPath(top, "groups", i), references, findings);
  }
  if (probe.groups_size() > kMaxGroups) {
    findings.Add(FieldPath(top, "groups"),
                 absl::StrCat("the probe names more than ", kMaxGroups, " groups"));
  }
  CheckDestination(probe, references, findings);
  const FieldPath protocol(top, "protocol"), port(top, "port");
  const bool has_port = probe.protocol() == "tcp" || probe.protocol() == "udp";
  if (!has_port && probe.protocol() != "icmp") {
    findings.Add(protocol, probe.protocol().empty()
                               ? "the probe has no \"protocol\": it is tcp, udp or icmp"
                               : absl::StrCat("unknown protocol ", Quoted(probe.protocol()),
                                              ": a probe is of tcp, udp or icmp"));
  } else if (!has_port && probe.port() != 0) {
    findings.Add(port, "icmp has no ports; leave \"port\" out");
  } else if (has_port && (probe.port() == 0 || probe.port() > kMaxPort)) {
    findings.Add(port, absl::StrCat("a probe of ", probe.protocol(), " needs a \"port\" from 1 to ",
                                    kMaxPort));
  }
  if (probe.expect() != v1::Probe::open && probe.expect() != v1::Probe::closed) {
    findings.AddMissing(FieldPath(top, "expect"),
                        "the probe has no \"expect\": it is open or closed");
  }
  CheckSpan(probe.has_timeout(), probe.timeout(), absl::Milliseconds(100), absl::Seconds(30),
            FieldPath(top, "timeout"), findings);
}

}  // namespace firebreak::policy
