// SPDX-License-Identifier: Apache-2.0
#include "agent/answer/catalogue_setting.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "policy/hardening/sysctls.h"

namespace firebreak::agent {
namespace {

using policy::Combine;
using policy::HardeningSetting;
using policy::SysctlTarget;

constexpr char kAll[] = "all", kDefault[] = "default";

std::optional<int64_t> Number(const SettingReader& read, const std::string& name) {
  int64_t number = 0;
  const absl::StatusOr<std::string> text = read(name);
  return text.ok() && absl::SimpleAtoi(*text, &number) ? std::optional(number) : std::nullopt;
}

std::string NameOf(const SysctlTarget& target, const std::string& interface) {
  if (target.combine == Combine::kHostWide) return target.name;
  return absl::StrCat("net/ipv", target.family, "/conf/", interface, "/", target.name);
}

// The interfaces, with "all" and "default", for which the target has a value; one empty name if it
// has one for the host.
std::vector<std::string> InterfacesOf(const SysctlTarget& target, const std::vector<Link>& links) {
  if (target.combine == Combine::kHostWide) return {""};
  std::vector<std::string> names;
  if (!target.links_only && target.combine != Combine::kOwn) names.emplace_back(kAll);
  if (!target.links_only) names.emplace_back(kDefault);
  for (const Link& link : links) {
    if (!target.links_only || link.type != "loopback") names.push_back(link.name);
  }
  return names;
}

v1::HostSetting Describe(const HardeningSetting& setting, const SysctlTarget& target,
                         const std::string& interface, const SettingReader& read) {
  const std::string name = NameOf(target, interface);
  v1::HostSetting described;
  described.set_name(policy::SysctlText(name));
  described.set_why(setting.security);
  const bool of_link = !interface.empty() && interface != kAll && interface != kDefault;
  if (of_link) described.set_interface(interface);
  const std::optional<int64_t> found = Number(read, name);
  if (found.has_value()) described.set_found(absl::StrCat(*found));
  std::optional<int64_t> holds = found;
  if (of_link) {
    const auto forwards = Number(read, "net/ipv4/ip_forward");
    holds = policy::EffectiveValue(target.combine, Number(read, NameOf(target, kAll)), found,
                                   forwards == 1);
  }
  if (holds != found) absl::StrAppend(described.mutable_found(), ", with all ", *holds);
  const std::optional<int64_t> recommended =
      setting.recommended.has_value() ? target.value(*setting.recommended) : std::nullopt;
  if (recommended.has_value()) described.set_recommended(absl::StrCat(*recommended));
  described.set_good(found.has_value() && (!recommended.has_value() || holds == recommended));
  return described;
}

}  // namespace

std::vector<v1::HostSetting> DescribeSetting(const HardeningSetting& setting,
                                             const std::vector<Link>& links,
                                             const SettingReader& read) {
  std::vector<v1::HostSetting> described;
  for (const SysctlTarget& target : setting.sysctls) {
    for (const std::string& interface : InterfacesOf(target, links)) {
      described.push_back(Describe(setting, target, interface, read));
    }
  }
  return described;
}

void AddWithoutValues(const v1::Hardened& hardened, std::vector<v1::HostSetting>& described) {
  for (const v1::HardenedSetting& wanted : hardened.settings()) {
    const HardeningSetting* const setting = policy::FindHardening(wanted.name());
    if (setting == nullptr || !setting->sysctls.empty()) continue;
    v1::HostSetting& one = described.emplace_back();
    one.set_name(wanted.name());
    one.set_setting(wanted.name());
    one.set_policy(wanted.policy());
    // The rules are read back, and nobody else can change what the agent does.
    one.set_wanted(absl::StrCat(wanted.value()));
    one.set_found(one.wanted());
    one.set_good(true);
    if (setting->recommended.has_value()) {
      one.set_recommended(absl::StrCat(*setting->recommended));
    }
    one.set_why(absl::StrCat(setting->security, " It is ", setting->besides, "."));
  }
}

}  // namespace firebreak::agent
