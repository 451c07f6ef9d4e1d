#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "policy/resources/check.h"
#include "policy/resources/conntrack_helpers.h"
#include "policy/resources/names.h"
#include "policy/resources/time_span.h"

namespace firebreak::policy {
namespace {

constexpr int kMaxHelpers = 64;
constexpr int kMaxPrivateInterfaces = 64;
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

void CheckSharing(const v1::Sharing& sharing, Findings& findings) {
  const FieldPath top, path(top, "sharing"), list(path, "private");
  if (sharing.public_().empty()) {
    findings.AddMissing(path, "sharing has no \"public\", the interface that leads outside");
  } else {
    findings.Add(FieldPath(path, "public"), CheckInterfaceName(sharing.public_(), false));
  }
  if (sharing.private_().empty()) {
    findings.AddMissing(path,
                        "sharing has no \"private\", the interfaces that share the public one");
  }
  if (sharing.private__size() > kMaxPrivateInterfaces) {
    findings.Add(list, absl::StrCat("more than ", kMaxPrivateInterfaces, " interfaces"));
    return;
  }
  for (int i = 0; i < sharing.private__size(); ++i) {
    const FieldPath item(path, "private", i);
    const std::string& name = sharing.private_(i);
    findings.Add(item, CheckInterfaceName(name, false));
    if (name == sharing.public_()) {
      findings.Add(item, absl::StrCat(Quoted(name), " is the public interface already"));
    }
    if (std::find(sharing.private_().begin(), sharing.private_().begin() + i, name) !=
        sharing.private_().begin() + i) {
      findings.Add(item, absl::StrCat(Quoted(name), " is there twice"));
    }
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
