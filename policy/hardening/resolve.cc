// SPDX-License-Identifier: Apache-2.0
#include "policy/hardening/resolve.h"

#include <algorithm>

#include "policy/hardening/catalogue.h"
#include "policy/merge/profile.h"

namespace firebreak::policy {

v1::Hardened Harden(const v1::Hardening& written, const std::string& policy, bool of_interface) {
  v1::Hardened hardened;
  hardened.set_complete(written.preset() == v1::Hardening::off);
  for (const HardeningSetting& setting : HardeningCatalogue()) {
    if (of_interface && setting.scope != HardeningSetting::Scope::kInterface) continue;
    std::optional<int64_t> value = PresetValue(setting, written.preset());
    const auto own = written.settings().find(setting.name);
    if (own != written.settings().end()) value = own->second;
    if (!value.has_value()) continue;
    v1::HardenedSetting& one = *hardened.add_settings();
    one.set_name(setting.name);
    one.set_value(*value);
    one.set_policy(policy);
    one.set_told_only(written.has_enforce() && !written.enforce());
  }
  return hardened;
}

void AddLower(const v1::Hardened& lower, v1::Hardened& hardened) {
  if (hardened.complete()) return;
  for (const v1::HardenedSetting& setting : lower.settings()) {
    if (FindSetting(hardened, setting.name()) == nullptr) *hardened.add_settings() = setting;
  }
  hardened.set_complete(lower.complete());
  std::sort(hardened.mutable_settings()->begin(), hardened.mutable_settings()->end(),
            [](const v1::HardenedSetting& a, const v1::HardenedSetting& b) {
              return a.name() < b.name();
            });
}

v1::Hardened HardenedOf(const v1::EffectiveLocation& location, absl::string_view interface_name,
                        absl::string_view interface_type) {
  v1::Hardened hardened;
  for (const v1::Layer& layer : location.layers()) {
    for (const v1::InterfaceLayer& section : layer.interfaces()) {
      if (!Matches(section.match(), interface_name, interface_type)) continue;
      AddLower(section.settings().hardening(), hardened);
      break;
    }
  }
  return hardened;
}

const v1::HardenedSetting* FindSetting(const v1::Hardened& hardened, absl::string_view name) {
  const auto found =
      std::find_if(hardened.settings().begin(), hardened.settings().end(),
                   [&](const v1::HardenedSetting& one) { return one.name() == name; });
  return found == hardened.settings().end() ? nullptr : &*found;
}

int64_t SettingOr(const v1::Hardened& hardened, absl::string_view name, int64_t otherwise) {
  const v1::HardenedSetting* const setting = FindSetting(hardened, name);
  return setting == nullptr ? otherwise : setting->value();
}

}  // namespace firebreak::policy
