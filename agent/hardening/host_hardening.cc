// SPDX-License-Identifier: Apache-2.0
#include "agent/hardening/host_hardening.h"

#include <algorithm>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "agent/kernel/routes/routes.h"
#include "policy/compile/kernel_settings.h"
#include "policy/hardening/interplay.h"
#include "policy/hardening/resolve.h"

namespace firebreak::agent {
namespace {

constexpr char kSynAckRetries[] = "net/ipv4/tcp_synack_retries";
constexpr char kMaxBacklog[] = "net/core/somaxconn";
constexpr char kSynBacklog[] = "net/ipv4/tcp_max_syn_backlog";
constexpr int64_t kAttackedRetries = 1;

// Whether the link has an IPv4 address other than a link-local one.
bool HasAddress(const Link& link) {
  return std::any_of(link.addresses.begin(), link.addresses.end(), [](const std::string& one) {
    return !absl::StrContains(one, ':') && !absl::StartsWith(one, "169.254.");
  });
}

bool IsInner(const Link& link) {
  if (link.type == "container") return !link.is_port && link.up && link.addresses.empty();
  return link.type == "bridge" || link.type == "tunnel";
}

bool HasPolicyRouting() {
  absl::StatusOr<Routes> routes = Routes::Open();
  return routes.ok() && routes->HasOwnRules().value_or(false);
}

policy::HostNetworks NetworksOf(const std::vector<Link>& links, const KernelSettings& settings) {
  policy::HostNetworks networks;
  networks.forwards = settings.HasAnyway(policy::kForwardIpv4, "1") ||
                      settings.HasAnyway(policy::kForwardIpv6, "1");
  for (const Link& link : links) {
    if (link.type == "loopback") continue;
    if (networks.inner.empty() && IsInner(link)) networks.inner = link.name;
    if (link.up && !IsInner(link) && HasAddress(link)) networks.outer.push_back(link.name);
  }
  networks.policy_routing = HasPolicyRouting();
  return networks;
}

}  // namespace

HostHardening HardeningFor(const v1::HostSettings& host, const std::vector<Link>& links,
                           const std::function<const v1::EffectiveLocation*(const Link&)>& at,
                           const StackPressure& pressure, const KernelSettings& settings) {
  v1::Hardened hardened = host.hardening();
  std::vector<policy::HardenedInterface> interfaces;
  bool any = !hardened.settings().empty();
  for (const Link& link : links) {
    policy::HardenedInterface& one = interfaces.emplace_back();
    one = {.name = link.name, .index = link.index, .loopback = link.type == "loopback"};
    if (const v1::EffectiveLocation* const location = at(link); location != nullptr) {
      one.own = policy::HardenedOf(*location, link.name, link.type);
    }
    any = any || !one.own.settings().empty();
  }
  HostHardening result;
  if (!any) return result;
  result.held_back = policy::Reconcile(NetworksOf(links, settings), hardened, interfaces);
  const auto found = [&](const std::string& name) -> std::optional<int64_t> {
    int64_t number = 0;
    const absl::StatusOr<std::string> text = settings.Found(name);
    return text.ok() && absl::SimpleAtoi(*text, &number) ? std::optional(number) : std::nullopt;
  };
  result.sysctls = policy::SysctlsFor(hardened, interfaces, found);
  const auto put = [&](const char* name, int64_t value, const char* setting) {
    const v1::HardenedSetting* const by = policy::FindSetting(hardened, setting);
    result.sysctls[name] = {.value = absl::StrCat(value),
                            .setting = setting,
                            .policy = by == nullptr ? "" : by->policy(),
                            .told_only = by != nullptr && by->told_only()};
  };
  if (pressure.attacked && found(kSynAckRetries).value_or(0) > kAttackedRetries) {
    const auto wanted = result.sysctls.find(kSynAckRetries);
    if (wanted == result.sysctls.end() || wanted->second.value != "0") {
      put(kSynAckRetries, kAttackedRetries, "syn_attack_protect");
    }
  }
  if (pressure.backlog.bounds().enabled) {
    for (const char* name : {kMaxBacklog, kSynBacklog}) {
      if (const auto before = found(name); before.has_value()) {
        put(name, pressure.backlog.LimitFor(*before), "enable_dynamic_backlog");
      }
    }
  }
  return result;
}

}  // namespace firebreak::agent
