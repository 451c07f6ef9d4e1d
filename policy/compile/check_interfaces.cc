#include "policy/compile/check_interfaces.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace firebreak::policy {
namespace {

// Why an interface cannot have a firewall of its own; empty: it can.
std::string Why(const Interface& interface, const v1::Sharing& sharing) {
  if (interface.is_port) {
    return "is a port of a bridge: what it carries does not pass through this host's IP";
  }
  if (interface.type == "bridge") {
    return "is a bridge: what it switches does not pass through this host; the firewall of the "
           "policy itself holds for what the host sends and receives";
  }
  const auto& names = sharing.private_();
  if (std::find(names.begin(), names.end(), interface.name) != names.end()) {
    return "is a private interface of sharing: what comes from outside is judged at the public one";
  }
  return "";
}

bool GivesFirewall(const v1::InterfaceLayer& section, const std::string& name) {
  const auto& names = section.match().names();
  return (section.settings().firewall() == v1::Firewall::on ||
          section.settings().firewall() == v1::Firewall::observe) &&
         std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::optional<InterfaceFault> CheckInterfaces(const v1::EffectivePolicy& policy,
                                              std::span<const Interface> interfaces) {
  for (const v1::EffectiveLocation& location : policy.locations()) {
    for (const Interface& interface : interfaces) {
      const std::string why = Why(interface, location.host().sharing());
      if (why.empty()) continue;
      for (const v1::Layer& layer : location.layers()) {
        for (const v1::InterfaceLayer& section : layer.interfaces()) {
          if (!GivesFirewall(section, interface.name)) continue;
          return InterfaceFault{
              .reason = absl::StrCat("interface ", interface.name,
                                     " cannot be given a firewall of its own: it ", why),
              .policy = section.settings().firewall_policy()};
        }
      }
    }
  }
  return std::nullopt;
}

}  // namespace firebreak::policy
