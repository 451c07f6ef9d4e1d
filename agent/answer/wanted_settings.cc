// SPDX-License-Identifier: Apache-2.0
#include "agent/answer/wanted_settings.h"

#include "absl/strings/str_cat.h"
#include "agent/kernel/settings/setting_name.h"
#include "policy/hardening/catalogue.h"
#include "policy/hardening/logged_connections.h"

namespace firebreak::agent {
namespace {

std::string InterfaceOf(const std::string& name) {
  const auto parsed = ParseInterfaceSetting(name);
  if (!parsed.has_value() || parsed->interface == "all" || parsed->interface == "default")
    return "";
  return parsed->interface;
}

std::string WhyOf(const SettingState& state) {
  if (state.wanted.setting.empty()) return "the rules in force need it";
  if (state.wanted.setting == policy::kForLoggedConnections) {
    return "the log of connections counts their bytes with it";
  }
  if (state.wanted.keeps) return "keeps what held before, while others change";
  const policy::HardeningSetting* const setting = policy::FindHardening(state.wanted.setting);
  return setting == nullptr ? "" : setting->security;
}

}  // namespace

void AddWanted(const std::vector<SettingState>& states,
               const std::map<std::string, std::string>& held_back, const SettingReader& read,
               std::vector<v1::HostSetting>& described) {
  std::map<std::string, size_t> places;
  for (size_t i = 0; i < described.size(); ++i) places[described[i].name()] = i;
  for (const SettingState& state : states) {
    const std::string name = policy::SysctlText(state.name);
    const auto [place, added] = places.try_emplace(name, described.size());
    if (added) described.emplace_back();
    v1::HostSetting& setting = described[place->second];
    const std::string found = read(state.name).value_or("");
    if (added) {
      setting.set_name(name);
      setting.set_interface(InterfaceOf(state.name));
      setting.set_found(found);
    }
    if (added || !state.wanted.setting.empty()) setting.set_why(WhyOf(state));
    setting.set_setting(state.wanted.setting);
    setting.set_wanted(state.wanted.value);
    setting.set_before(state.before);
    if (!state.wanted.policy.empty()) setting.set_policy(state.wanted.policy);
    setting.set_good(found == state.wanted.value);
    setting.set_problem(state.problem);
    if (state.changed > 0 && state.problem.empty()) {
      setting.set_problem(absl::StrCat("changed by other programs ", state.changed,
                                       state.changed == 1 ? " time" : " times", ", and put back"));
    }
    const auto held = held_back.find(state.wanted.setting);
    if (held != held_back.end() && setting.problem().empty()) setting.set_problem(held->second);
  }
  for (const auto& [name, reason] : held_back) {
    bool told = false;
    for (const SettingState& state : states) told = told || state.wanted.setting == name;
    if (told) continue;
    v1::HostSetting& setting = described.emplace_back();
    setting.set_name(name);
    setting.set_setting(name);
    setting.set_problem(reason);
  }
}

}  // namespace firebreak::agent
