// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/settings/setting_name.h"

#include <filesystem>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "policy/compile/kernel_settings.h"

namespace firebreak::agent {
namespace {

constexpr char kIpv4[] = "net/ipv4/conf/", kIpv6[] = "net/ipv6/conf/";

std::vector<std::string> OfAllInterfaces(const char* family, const char* key) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry :
       std::filesystem::directory_iterator(absl::StrCat("/proc/sys/", family), error)) {
    const std::string interface = entry.path().filename().string();
    if (interface != "all") names.push_back(absl::StrCat(family, interface, key));
  }
  return names;
}

}  // namespace

std::string InterfaceSetting::Of(absl::string_view other) const {
  return absl::StrCat(family, other, key);
}

std::optional<InterfaceSetting> ParseInterfaceSetting(absl::string_view name) {
  for (const char* family : {kIpv4, kIpv6}) {
    absl::string_view rest = name;
    if (!absl::ConsumePrefix(&rest, family)) continue;
    const size_t slash = rest.rfind('/');
    if (slash == absl::string_view::npos) return std::nullopt;
    return InterfaceSetting{family, std::string(rest.substr(0, slash)),
                            std::string(rest.substr(slash))};
  }
  return std::nullopt;
}

std::vector<std::string> SideEffectsOf(absl::string_view name) {
  if (name == policy::kForwardIpv4) {
    std::vector<std::string> names = OfAllInterfaces(kIpv4, "/forwarding");
    names.push_back("net/ipv4/conf/all/accept_redirects");
    return names;
  }
  if (name == policy::kForwardIpv6) return OfAllInterfaces(kIpv6, "/forwarding");
  return {};
}

int OrderOf(absl::string_view name) {
  // When a host begins to forward, it forgets the routes learnt on interfaces whose accept_ra is
  // not 2 yet.
  if (absl::EndsWith(name, "/accept_ra")) return 0;
  if (name == policy::kForwardIpv4 || name == policy::kForwardIpv6) return 1;
  // The kernel copies a value written to "default" to interfaces that have not been written to.
  const auto parsed = ParseInterfaceSetting(name);
  if (!parsed.has_value()) return 2;
  return parsed->interface == "all" ? 2 : parsed->interface == "default" ? 3 : 4;
}

}  // namespace firebreak::agent
