// SPDX-License-Identifier: Apache-2.0
#include "policy/hardening/interplay.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "policy/hardening/resolve.h"

namespace firebreak::policy {
namespace {

constexpr char kRouter[] = "ip_enable_router";
constexpr char kReversePath[] = "rp_filter";
constexpr int64_t kStrict = 1, kLoose = 2;

std::string WhyNotStrict(const HostNetworks& networks) {
  if (!networks.inner.empty()) {
    return absl::StrCat(networks.inner, " carries containers or an overlay network");
  }
  if (networks.policy_routing) return "the host has policy routing";
  if (networks.outer.size() > 1) {
    return absl::StrCat("packets come by several interfaces: ",
                        absl::StrJoin(networks.outer, ", "));
  }
  return "";
}

bool Loosen(v1::Hardened& hardened) {
  bool loosened = false;
  for (v1::HardenedSetting& setting : *hardened.mutable_settings()) {
    if (setting.name() != kReversePath || setting.value() != kStrict) continue;
    setting.set_value(kLoose);
    loosened = true;
  }
  return loosened;
}

}  // namespace

std::map<std::string, std::string> Reconcile(const HostNetworks& networks, v1::Hardened& host,
                                             std::vector<HardenedInterface>& interfaces) {
  std::map<std::string, std::string> reasons;
  if (const std::string why = WhyNotStrict(networks); !why.empty()) {
    bool loosened = Loosen(host);
    for (HardenedInterface& interface : interfaces) {
      if (Loosen(interface.own)) loosened = true;
    }
    if (loosened) {
      reasons[kReversePath] = absl::StrCat(
          why, ", so that strict would drop packets of friends: it is 2 (loose) instead of 1");
    }
  }
  const v1::HardenedSetting* const router = FindSetting(host, kRouter);
  if (router != nullptr && router->value() == 0 && networks.forwards && !networks.inner.empty()) {
    reasons[kRouter] =
        absl::StrCat("the host forwards already, and ", networks.inner,
                     " carries containers or an overlay network that need it: it is left as it is");
    auto& settings = *host.mutable_settings();
    settings.erase(std::remove_if(settings.begin(), settings.end(),
                                  [](const auto& one) { return one.name() == kRouter; }),
                   settings.end());
  }
  return reasons;
}

}  // namespace firebreak::policy
