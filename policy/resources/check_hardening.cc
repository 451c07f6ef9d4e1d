// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/check_hardening.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "policy/hardening/catalogue.h"
#include "policy/resources/names.h"
#include "policy/resources/nearest.h"

namespace firebreak::policy {
namespace {

using Scope = HardeningSetting::Scope;

void CheckSetting(const std::string& name, int64_t value, const FieldPath& path, bool of_interface,
                  Findings& findings) {
  const HardeningSetting* const setting = FindHardening(name);
  if (setting == nullptr) {
    std::vector<std::string> names;
    for (const HardeningSetting& one : HardeningCatalogue()) names.emplace_back(one.name);
    const std::string nearest = DidYouMean(name, names);
    findings.Add(path,
                 absl::StrCat("there is no setting ", Quoted(name),
                              nearest.empty() ? "; `firebreak settings` lists them" : nearest));
    return;
  }
  if (of_interface && setting->scope == Scope::kHost) {
    findings.Add(path, absl::StrCat(name,
                                    " holds for the whole host: write it in the policy's own "
                                    "\"hardening\", not in that of interfaces"));
    return;
  }
  if (value >= setting->least && value <= setting->most) return;
  findings.Add(path, absl::StrCat(name, ": ", value, " is out of range: it goes from ",
                                  setting->least, " to ", setting->most,
                                  *setting->unit == '\0' ? "" : absl::StrCat(" ", setting->unit)));
}

// Returns the value that the policy itself sets, directly or by its preset; none if it sets none.
std::optional<int64_t> Says(const v1::Hardening& hardening, const char* name) {
  const auto own = hardening.settings().find(name);
  if (own != hardening.settings().end()) return own->second;
  const HardeningSetting* const setting = FindHardening(name);
  return setting == nullptr ? std::nullopt : PresetValue(*setting, hardening.preset());
}

}  // namespace

void CheckHardening(const v1::Hardening& hardening, const FieldPath& parent, bool of_interface,
                    Findings& findings) {
  const FieldPath path(parent, "hardening"), settings(path, "settings");
  if (!v1::Hardening::Preset_IsValid(hardening.preset())) {
    findings.Add(FieldPath(path, "preset"),
                 "unknown preset: it is off, recommended, strict or original");
  }
  std::vector<std::string> names;
  for (const auto& [name, value] : hardening.settings()) names.push_back(name);
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    CheckSetting(name, hardening.settings().at(name), FieldPath(settings, name), of_interface,
                 findings);
    if (findings.IsFull()) return;
  }
  const auto least = Says(hardening, "minimum_dynamic_backlog");
  const auto most = Says(hardening, "maximum_dynamic_backlog");
  if (!of_interface && least.has_value() && most.has_value() && *least > *most) {
    findings.Add(settings, absl::StrCat("minimum_dynamic_backlog ", *least,
                                        " is more than maximum_dynamic_backlog ", *most));
  }
}

void WarnOfContradictions(const v1::Policy& policy, Findings& findings) {
  const v1::Hardening& hardening = policy.hardening();
  const FieldPath top, path(top, "hardening"), settings(path, "settings");
  const bool proxies = std::any_of(
      policy.port_mappings().items().begin(), policy.port_mappings().items().end(),
      [](const v1::PortMapping& one) { return one.handshake() == v1::Handshake::proxy; });
  const auto forwards =
      std::find_if(policy.port_mappings().items().begin(), policy.port_mappings().items().end(),
                   [](const v1::PortMapping& one) { return !one.forward_to().empty(); });
  if (Says(hardening, "ip_enable_router") == 0) {
    if (policy.has_sharing()) {
      findings.Warn(settings,
                    "ip_enable_router 0, but the policy has \"sharing\", for which the "
                    "host forwards: it does, for what is shared and for nothing else");
    } else if (!policy.forward().allow().empty()) {
      findings.Warn(
          settings,
          "ip_enable_router 0, but the policy has \"forward\": what it allows is forwarded "
          "only on hosts that forward for containers or overlay networks of their own");
    } else if (forwards != policy.port_mappings().items().end()) {
      findings.Warn(
          settings,
          "ip_enable_router 0, but a mapping has \"forward_to\": what it sends to another "
          "host is forwarded, and nothing else");
    }
  }
  if (!proxies) return;
  if (Says(hardening, "syn_attack_protect") == 0) {
    findings.Warn(settings,
                  "syn_attack_protect 0, but a mapping has \"handshake: proxy\", which "
                  "needs SYN cookies: net.ipv4.tcp_syncookies is 1");
  }
  if (const auto value = Says(hardening, "tcp_timestamps"); value.has_value() && *value != 1) {
    findings.Warn(settings, absl::StrCat("tcp_timestamps ", *value,
                                         ", but a mapping has \"handshake: proxy\", which needs "
                                         "them: net.ipv4.tcp_timestamps is 1"));
  }
}

}  // namespace firebreak::policy
