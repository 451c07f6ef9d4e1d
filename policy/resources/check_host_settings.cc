// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "policy/resources/check.h"
#include "policy/resources/conntrack_helpers.h"
#include "policy/resources/names.h"
#include "policy/resources/prefix.h"
#include "policy/resources/time_span.h"

namespace firebreak::policy {
namespace {

constexpr int kMaxHelpers = 64;
constexpr int kMaxSharedInterfaces = 64;  // in each of the two lists
constexpr int kMaxSharingPrefixes = 1000;
constexpr uint32_t kMaxLogKib = 32'767;
constexpr uint32_t kMaxLogRate = 10'000'000;
constexpr size_t kMaxPathBytes = 1024;

void CheckHelpers(const v1::Policy& policy, Findings& findings) {
  const FieldPath top;
  if (policy.helpers().items_size() > kMaxHelpers) {
    findings.Add(FieldPath(top, "helpers"), absl::StrCat("more than ", kMaxHelpers, " helpers"));
  }
  for (int i = 0; i < std::min(policy.helpers().items_size(), kMaxHelpers); ++i) {
    findings.Add(FieldPath(top, "helpers", i),
                 ParseConntrackHelper(policy.helpers().items(i)).status());
  }
}

void CheckFlows(const v1::Flows& flows, Findings& findings) {
  const FieldPath top, path(top, "flows");
  const struct {
    bool given;
    const google::protobuf::Duration& span;
    const char* name;
  } timeouts[] = {{flows.has_udp_timeout(), flows.udp_timeout(), "udp_timeout"},
                  {flows.has_tcp_timeout(), flows.tcp_timeout(), "tcp_timeout"},
                  {flows.has_icmp_timeout(), flows.icmp_timeout(), "icmp_timeout"},
                  {flows.has_gre_timeout(), flows.gre_timeout(), "gre_timeout"}};
  for (const auto& timeout : timeouts) {
    const absl::Duration value = ToDuration(timeout.span);
    if (!timeout.given) continue;
    if (value >= absl::Seconds(1) && value <= absl::Hours(30 * 24) && timeout.span.nanos() == 0) {
      continue;
    }
    findings.Add(FieldPath(path, timeout.name),
                 absl::StrCat(TimeSpanText(timeout.span),
                              " is out of range: it goes from 1s to 720h, in whole seconds"));
  }
}

void CheckLogging(const v1::Logging& logging, Findings& findings) {
  const FieldPath top, path(top, "logging");
  const std::string& file = logging.file();
  if (!file.empty() &&
      (!absl::StartsWith(file, "/") || absl::EndsWith(file, "/") || file.size() > kMaxPathBytes ||
       file.find('\0') != std::string::npos || absl::StrContains(file, "/../"))) {
    findings.Add(FieldPath(path, "file"),
                 absl::StrCat(Quoted(file),
                              " is not the path of a file from the root, such as "
                              "\"/var/log/firebreak/pfirewall.log\""));
  }
  if (logging.has_max_size_kib() &&
      (logging.max_size_kib() == 0 || logging.max_size_kib() > kMaxLogKib)) {
    findings.Add(
        FieldPath(path, "max_size_kib"),
        absl::StrCat(logging.max_size_kib(), " is out of range: it goes from 1 to ", kMaxLogKib));
  }
  if (logging.rate() > kMaxLogRate) {
    findings.Add(FieldPath(path, "rate"),
                 absl::StrCat(logging.rate(), " is out of range: it goes from 1 to ", kMaxLogRate,
                              "; 0: unlimited"));
  }
}

// Checks one list of `sharing`: valid names of interfaces, each only once.
void CheckShared(const google::protobuf::RepeatedPtrField<std::string>& names,
                 absl::string_view field, const FieldPath& sharing, Findings& findings) {
  if (names.size() > kMaxSharedInterfaces) {
    findings.Add(FieldPath(sharing, field),
                 absl::StrCat("more than ", kMaxSharedInterfaces, " interfaces"));
    return;
  }
  for (int i = 0; i < names.size(); ++i) {
    const FieldPath item(sharing, field, i);
    findings.Add(item, CheckInterfaceName(names[i], false));
    if (std::find(names.begin(), names.begin() + i, names[i]) != names.begin() + i) {
      findings.Add(item, absl::StrCat(Quoted(names[i]), " is there twice"));
    }
  }
}

void CheckSharing(const v1::Sharing& sharing, Findings& findings) {
  const FieldPath top, path(top, "sharing");
  if (sharing.public_().empty()) {
    findings.AddMissing(path, "sharing has no \"public\", the interface that leads outside");
  }
  if (sharing.private_().empty()) {
    findings.AddMissing(path,
                        "sharing has no \"private\", the interfaces that share the public one");
  }
  CheckShared(sharing.public_(), "public", path, findings);
  CheckShared(sharing.private_(), "private", path, findings);
  for (int i = 0; i < sharing.private__size(); ++i) {
    const auto& names = sharing.public_();
    if (std::find(names.begin(), names.end(), sharing.private_(i)) == names.end()) continue;
    findings.Add(FieldPath(path, "private", i),
                 absl::StrCat(Quoted(sharing.private_(i)), " is a public interface already"));
  }
  if (sharing.from_size() > kMaxSharingPrefixes) {
    findings.Add(FieldPath(path, "from"),
                 absl::StrCat("more than ", kMaxSharingPrefixes, " prefixes"));
    return;
  }
  for (int i = 0; i < sharing.from_size(); ++i) {
    findings.Add(FieldPath(path, "from", i), ParsePrefix(sharing.from(i)).status());
  }
}

}  // namespace

void CheckHostSettings(const v1::Policy& policy, Findings& findings) {
  if (!v1::LocalControl::Level_IsValid(policy.local_control())) {
    findings.Add(FieldPath({}, "local_control"), "unknown level: it is deny, confirm or allow");
  }
  CheckHelpers(policy, findings);
  CheckFlows(policy.flows(), findings);
  CheckLogging(policy.logging(), findings);
  if (policy.has_sharing()) CheckSharing(policy.sharing(), findings);
}

}  // namespace firebreak::policy
