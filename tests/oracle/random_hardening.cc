// SPDX-License-Identifier: Apache-2.0
#include "tests/oracle/random_hardening.h"

#include "absl/strings/str_cat.h"
#include "policy/hardening/catalogue.h"

namespace firebreak::oracle {
namespace {

constexpr const char* kRules[] = {"disable_ip_source_routing", "enable_addr_mask_reply",
                                  "no_name_release_on_demand", "enable_icmp_redirect",
                                  "enable_multicast_forwarding"};

int64_t ValueOf(Random& random, const policy::HardeningSetting& setting) {
  return setting.least + static_cast<int64_t>(Below(
                             random, static_cast<uint32_t>(setting.most - setting.least + 1)));
}

void FillHardening(Random& random, bool of_interface, v1::Hardening& hardening) {
  constexpr v1::Hardening::Preset kPresets[] = {
      v1::Hardening::unspecified, v1::Hardening::unspecified, v1::Hardening::recommended,
      v1::Hardening::strict,      v1::Hardening::original,    v1::Hardening::off};
  hardening.set_preset(Pick(random, kPresets));
  const auto put = [&](const policy::HardeningSetting& setting) {
    if (of_interface && setting.scope == policy::HardeningSetting::Scope::kHost) return;
    (*hardening.mutable_settings())[setting.name] = ValueOf(random, setting);
  };
  for (const char* name : kRules) {
    if (OneIn(random, 2)) put(*policy::FindHardening(name));
  }
  if (OneIn(random, 2)) put(Pick(random, policy::HardeningCatalogue()));
}

}  // namespace

void AddRandomHardening(Random& random, std::vector<v1::Resource>& resources) {
  for (v1::Resource& resource : resources) {
    if (!resource.has_policy() || OneIn(random, 3)) continue;
    v1::Policy& policy = *resource.mutable_policy();
    if (!OneIn(random, 4))
      FillHardening(random, /*of_interface=*/false, *policy.mutable_hardening());
    for (v1::InterfaceSettings& section : *policy.mutable_interfaces()) {
      if (OneIn(random, 3)) {
        FillHardening(random, /*of_interface=*/true, *section.mutable_hardening());
      }
    }
    if (OneIn(random, 2)) continue;
    v1::PortMapping& mapping = *policy.mutable_port_mappings()->add_items();
    mapping.set_protocol("udp");
    mapping.add_ports(absl::StrCat(kNameService));
  }
}

}  // namespace firebreak::oracle
