// SPDX-License-Identifier: Apache-2.0
#include "controller/admin/forwarding_warnings.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "controller/admin/effective_policies.h"
#include "policy/merge/profile.h"

namespace firebreak::controller {
namespace {

constexpr size_t kMostInterfaces = 8;  // named in one warning

bool IsShared(const v1::EffectiveLocation& location, const std::string& name) {
  const auto& names = location.host().sharing().private_();
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Whether the policy drops new routed flows that come in by the interface, at whatever location,
// unless a rule allows them. False for bridges, which may carry containers, and for VPNs, because
// by default their flows pass.
bool Stops(const v1::EffectivePolicy& policy, const v1::Interface& interface) {
  if (!policy.managed() || interface.type() == "bridge" || interface.type() == "vpn" ||
      interface.type() == "container" || interface.type() == "loopback") {
    return false;
  }
  return std::any_of(policy.locations().begin(), policy.locations().end(),
                     [&](const v1::EffectiveLocation& location) {
                       const policy::Profile profile =
                           policy::ProfileOf(location, interface.name(), interface.type());
                       return profile.firewall == v1::Firewall::on &&
                              profile.forward_default != v1::Traffic::allow &&
                              !IsShared(location, interface.name());
                     });
}

std::string Families(const v1::Facts& facts) {
  if (facts.forwards_ipv4() && facts.forwards_ipv6()) return "IPv4 and IPv6";
  return facts.forwards_ipv4() ? "IPv4" : "IPv6";
}

// Names the host's container engines and similar programs, which need forwarding.
std::string Engines(const v1::Facts& facts) {
  std::set<std::string> names;
  for (const v1::Conflict& conflict : facts.conflicts()) {
    for (const char* engine : {"docker", "podman", "kubernetes", "libvirt"}) {
      if (conflict.what() == engine) names.insert(engine);
    }
  }
  return absl::StrJoin(names, " and ");
}

std::string Reason(const v1::Facts& facts, const std::vector<std::string>& interfaces) {
  std::string text = absl::StrCat(
      " now and would stop: new flows that come in by ",
      absl::StrJoin(interfaces.begin(),
                    interfaces.begin() +
                        static_cast<std::ptrdiff_t>(std::min(interfaces.size(), kMostInterfaces)),
                    ", "),
      interfaces.size() > kMostInterfaces ? " and others" : "",
      " and are routed on are dropped unless a rule of \"forward\" allows them");
  if (const std::string engines = Engines(facts); !engines.empty()) {
    absl::StrAppend(&text, ", and ports that ", engines,
                    " publishes are shut unless a port mapping opens them");
  }
  return text;
}

}  // namespace

std::vector<std::string> ForwardingWarnings(const policy::Selector& before,
                                            const policy::Selector& after,
                                            std::span<const StoredHost> hosts) {
  EffectivePolicies old_ones(before), new_ones(after);
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> by_reason;
  for (const StoredHost& host : hosts) {
    const v1::Facts& facts = host.report.facts;
    if (!facts.forwards_ipv4() && !facts.forwards_ipv6()) continue;
    const v1::EffectivePolicy& old_policy = old_ones.For(host.record);
    const v1::EffectivePolicy& new_policy = new_ones.For(host.record);
    std::vector<std::string> stopped;
    for (const v1::Interface& interface : facts.interfaces()) {
      if (Stops(new_policy, interface) && !Stops(old_policy, interface)) {
        stopped.push_back(interface.name());
      }
    }
    if (stopped.empty()) continue;
    by_reason[{Families(facts), Reason(facts, stopped)}].push_back(host.record.name);
  }
  std::vector<std::string> warnings;
  for (const auto& [reason, names] : by_reason) {
    warnings.push_back(absl::StrCat(HostsText(names),
                                    names.size() == 1 ? " forwards " : " forward ", reason.first,
                                    reason.second));
  }
  return warnings;
}

}  // namespace firebreak::controller
