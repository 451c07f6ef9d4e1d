// SPDX-License-Identifier: Apache-2.0
#include "agent/answer/demanded_settings.h"

#include <netinet/in.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace firebreak::agent {
namespace {

constexpr char kForwardIpv4[] = "net/ipv4/ip_forward";
constexpr char kForwardIpv6[] = "net/ipv6/conf/all/forwarding";
constexpr char kSynCookies[] = "net/ipv4/tcp_syncookies";

using Demands = std::map<std::string, SettingDemand>;

// If several policies demand the setting, the first one is named.
void Demand(const char* setting, const std::string& policy, const std::string& why,
            Demands& demands) {
  demands.try_emplace(setting, SettingDemand{.value = 1, .policy = policy, .why = why});
}

void AddMappings(const v1::Settings& settings, Demands& demands) {
  for (const v1::Mapping& mapping : settings.inbound().items()) {
    const size_t address = mapping.forward().address().size();
    const std::string sent_on = absl::StrCat("what comes for ", mapping.name(), " is sent on");
    if (address == sizeof(in_addr)) Demand(kForwardIpv4, mapping.policy(), sent_on, demands);
    if (address == sizeof(in6_addr)) Demand(kForwardIpv6, mapping.policy(), sent_on, demands);
    if (mapping.proxy_handshake()) {
      Demand(kSynCookies, mapping.policy(),
             absl::StrCat("the kernel answers the handshakes of ", mapping.name()), demands);
    }
  }
}

}  // namespace

Demands DemandedSettings(const v1::EffectivePolicy& policy) {
  Demands demands;
  for (const v1::EffectiveLocation& location : policy.locations()) {
    const v1::HostSettings& host = location.host();
    if (!host.sharing().public_().empty()) {
      for (const char* setting : {kForwardIpv4, kForwardIpv6}) {
        Demand(setting, host.sharing_policy(),
               absl::StrCat("the connection of ", absl::StrJoin(host.sharing().public_(), ", "),
                            " is shared"),
               demands);
      }
    }
    for (const v1::Layer& layer : location.layers()) {
      AddMappings(layer.settings(), demands);
      for (const v1::InterfaceLayer& interface : layer.interfaces()) {
        AddMappings(interface.settings(), demands);
      }
    }
  }
  return demands;
}

}  // namespace firebreak::agent
