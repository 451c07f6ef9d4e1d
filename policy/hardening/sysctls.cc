// SPDX-License-Identifier: Apache-2.0
#include "policy/hardening/sysctls.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "policy/hardening/resolve.h"

namespace firebreak::policy {
namespace {

constexpr char kForward[] = "net/ipv4/ip_forward";

std::string NameOf(const SysctlTarget& target, absl::string_view interface) {
  return absl::StrCat("net/ipv", target.family, "/conf/", interface, "/", target.name);
}

bool CountsAll(Combine combine) { return combine != Combine::kOwn; }

class Writer {
 public:
  Writer(const v1::Hardened& host, std::span<const HardenedInterface> interfaces,
         const FoundSysctl& found)
      : host_(host), interfaces_(interfaces), found_(found) {
    forwards_ = SettingOr(host, "ip_enable_router", found(kForward).value_or(0)) != 0;
  }

  WantedSysctls Take() && {
    for (const HardeningSetting& setting : HardeningCatalogue()) {
      for (const SysctlTarget& target : setting.sysctls) {
        if (target.combine == Combine::kHostWide) {
          Put(target.name, FindSetting(host_, setting.name), target, 0);
        } else {
          PutForInterfaces(setting, target);
        }
      }
    }
    return std::move(wanted_);
  }

 private:
  static std::optional<int64_t> ValueOf(const v1::HardenedSetting* setting,
                                        const SysctlTarget& target) {
    return setting == nullptr ? std::nullopt : target.value(setting->value());
  }

  bool Put(const std::string& name, const v1::HardenedSetting* setting, const SysctlTarget& target,
           uint32_t interface) {
    const std::optional<int64_t> value = ValueOf(setting, target);
    if (!value.has_value()) return false;
    wanted_[name] = {.value = absl::StrCat(*value),
                     .setting = setting->name(),
                     .policy = setting->policy(),
                     .told_only = setting->told_only(),
                     .interface = interface};
    return true;
  }

  // Returns null if no policy sets the setting for this interface.
  const v1::HardenedSetting* SettingFor(const HardenedInterface& interface,
                                        const HardeningSetting& setting) const {
    const v1::HardenedSetting* const own = FindSetting(interface.own, setting.name);
    if (own != nullptr || interface.own.complete()) return own;
    return FindSetting(host_, setting.name);
  }

  // Returns the value of conf/all that leaves an interface's own value in force.
  int64_t Neutral(Combine combine) const {
    const bool ones = combine == Combine::kAnd || combine == Combine::kMin ||
                      (combine == Combine::kRedirects && forwards_);
    return ones ? 1 : 0;
  }

  void PutForInterfaces(const HardeningSetting& setting, const SysctlTarget& target) {
    const v1::HardenedSetting* const of_host = FindSetting(host_, setting.name);
    const std::optional<int64_t> host_value = ValueOf(of_host, target);
    bool any = host_value.has_value(), alike = host_value.has_value();
    for (const HardenedInterface& interface : interfaces_) {
      const auto value = ValueOf(SettingFor(interface, setting), target);
      any = any || value.has_value();
      alike = alike && value == host_value;
    }
    if (!any) return;
    const v1::HardenedSetting* teller = of_host;
    if (!target.links_only) {
      if (CountsAll(target.combine)) {
        if (alike) {
          Put(NameOf(target, "all"), of_host, target, 0);
        } else {
          PutNeutral(setting, target);
        }
      }
      Put(NameOf(target, "default"), teller, target, 0);
    }
    for (const HardenedInterface& interface : interfaces_) {
      if (target.links_only && interface.loopback) continue;
      const std::string name = NameOf(target, interface.name);
      if (Put(name, SettingFor(interface, setting), target, interface.index)) continue;
      if (!target.links_only) Keep(name, setting, target, interface);
    }
  }

  void PutNeutral(const HardeningSetting& setting, const SysctlTarget& target) {
    for (const HardenedInterface& interface : interfaces_) {
      const v1::HardenedSetting* const one = SettingFor(interface, setting);
      if (one == nullptr) continue;
      wanted_[NameOf(target, "all")] = {.value = absl::StrCat(Neutral(target.combine)),
                                        .setting = one->name(),
                                        .policy = one->policy(),
                                        .told_only = one->told_only()};
      return;
    }
  }

  void Keep(const std::string& name, const HardeningSetting& setting, const SysctlTarget& target,
            const HardenedInterface& interface) {
    const std::optional<int64_t> all =
        CountsAll(target.combine) ? found_(NameOf(target, "all")) : std::nullopt;
    const std::optional<int64_t> held =
        EffectiveValue(target.combine, all, found_(name), forwards_);
    if (!held.has_value()) return;
    wanted_[name] = {.value = absl::StrCat(*held),
                     .setting = setting.name,
                     .told_only = true,
                     .interface = interface.index,
                     .keeps = true};
  }

  const v1::Hardened& host_;
  const std::span<const HardenedInterface> interfaces_;
  const FoundSysctl& found_;
  bool forwards_ = false;
  WantedSysctls wanted_;
};

}  // namespace

WantedSysctls SysctlsFor(const v1::Hardened& host, std::span<const HardenedInterface> interfaces,
                         const FoundSysctl& found) {
  return Writer(host, interfaces, found).Take();
}

std::optional<int64_t> EffectiveValue(Combine combine, std::optional<int64_t> all,
                                      std::optional<int64_t> own, bool forwards) {
  if (!own.has_value() || !all.has_value()) return own;
  switch (combine) {
    case Combine::kMax: return std::max(*all, *own);
    case Combine::kMin: return std::min(*all, *own);
    case Combine::kOr: return *all != 0 || *own != 0 ? 1 : 0;
    case Combine::kAnd: return *all != 0 && *own != 0 ? 1 : 0;
    case Combine::kRedirects:
      return EffectiveValue(forwards ? Combine::kAnd : Combine::kOr, all, own, forwards);
    case Combine::kOwn:
    case Combine::kHostWide: break;
  }
  return own;
}

}  // namespace firebreak::policy
