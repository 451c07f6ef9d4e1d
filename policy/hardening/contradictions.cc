// SPDX-License-Identifier: Apache-2.0
#include "policy/hardening/contradictions.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "policy/hardening/resolve.h"

namespace firebreak::policy {
namespace {

class Finder {
 public:
  void Add(const v1::EffectiveLocation& location) {
    const v1::HostSettings& host = location.host();
    hardening_ = &host.hardening();
    if (host.has_sharing()) {
      Router(
          host.sharing_policy(),
          "\"sharing\", for which the host forwards: it does, for what is shared and for nothing "
          "else");
    }
    for (const v1::Layer& layer : location.layers()) {
      Add(layer.settings());
      for (const v1::InterfaceLayer& section : layer.interfaces()) Add(section.settings());
    }
  }

  std::vector<std::string> Take() && { return {found_.begin(), found_.end()}; }

 private:
  void Add(const v1::Settings& settings) {
    for (const v1::Mapping& rule : settings.forward().items()) {
      if (rule.action() != v1::Traffic::allow) continue;
      Router(
          rule.policy(),
          "\"forward\": what it allows is forwarded only on hosts that forward for containers or "
          "overlay networks of their own");
    }
    for (const v1::Mapping& mapping : settings.inbound().items()) {
      if (!mapping.forward().address().empty()) {
        Router(mapping.policy(),
               "a mapping with \"forward_to\": what it sends to another host is forwarded, and "
               "nothing else");
      }
      if (!mapping.proxy_handshake()) continue;
      Against("syn_attack_protect", SettingOr(*hardening_, "syn_attack_protect", 1) == 0,
              mapping.policy(),
              "a mapping with \"handshake: proxy\", which needs SYN cookies: "
              "net.ipv4.tcp_syncookies is 1");
      Against(
          "tcp_timestamps", SettingOr(*hardening_, "tcp_timestamps", 1) != 1, mapping.policy(),
          "a mapping with \"handshake: proxy\", which needs them: net.ipv4.tcp_timestamps is 1");
    }
  }

  void Router(const std::string& policy, const char* what) {
    Against("ip_enable_router", SettingOr(*hardening_, "ip_enable_router", 1) == 0, policy, what);
  }

  void Against(const char* setting, bool stands_against, const std::string& policy,
               const char* what) {
    if (!stands_against) return;
    const v1::HardenedSetting& said = *FindSetting(*hardening_, setting);
    if (said.policy() == policy) return;
    found_.insert(absl::StrCat("Policy/", said.policy(), " says ", setting, " ", said.value(),
                               ", but Policy/", policy, " has ", what));
  }

  const v1::Hardened* hardening_ = nullptr;
  std::set<std::string> found_;
};

}  // namespace

std::vector<std::string> Contradictions(const v1::EffectivePolicy& policy) {
  Finder finder;
  for (const v1::EffectiveLocation& location : policy.locations()) finder.Add(location);
  return std::move(finder).Take();
}

}  // namespace firebreak::policy
