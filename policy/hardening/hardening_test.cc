// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sched.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "policy/hardening/catalogue.h"
#include "policy/hardening/interplay.h"
#include "policy/hardening/resolve.h"
#include "policy/hardening/sysctls.h"

namespace firebreak::policy {
namespace {

v1::Hardening Written(v1::Hardening::Preset preset,
                      std::initializer_list<std::pair<const char*, int64_t>> settings = {}) {
  v1::Hardening hardening;
  hardening.set_preset(preset);
  for (const auto& [name, value] : settings) (*hardening.mutable_settings())[name] = value;
  return hardening;
}

v1::Hardened Only(const char* name, int64_t value) {
  return Harden(Written(v1::Hardening::unspecified, {{name, value}}), "web", false);
}

std::vector<HardenedInterface> Interfaces() {
  return {{.name = "lo", .index = 1, .loopback = true},
          {.name = "eth0", .index = 2},
          {.name = "eth1", .index = 3}};
}

std::optional<int64_t> Nothing(const std::string&) { return std::nullopt; }

std::string ValueOf(const WantedSysctls& wanted, const std::string& name) {
  const auto found = wanted.find(name);
  return found == wanted.end() ? "-" : found->second.value;
}

TEST(Catalogue, EachSettingIsWholeAndWithinItsRange) {
  std::set<std::string> names;
  for (const HardeningSetting& setting : HardeningCatalogue()) {
    SCOPED_TRACE(setting.name);
    EXPECT_TRUE(names.insert(setting.name).second);
    EXPECT_EQ(FindHardening(setting.name), &setting);
    EXPECT_NE(*setting.what, '\0');
    EXPECT_NE(*setting.cost, '\0');
    EXPECT_NE(*setting.security, '\0');
    EXPECT_TRUE(!setting.sysctls.empty() || *setting.besides != '\0');
    EXPECT_LT(setting.least, setting.most);
    for (const auto& value :
         {setting.kernel_default, setting.recommended, setting.strict, setting.original}) {
      if (!value.has_value()) continue;
      EXPECT_GE(*value, setting.least);
      EXPECT_LE(*value, setting.most);
    }
    for (const SysctlTarget& target : setting.sysctls) {
      EXPECT_NE(target.value, nullptr);
      EXPECT_EQ(target.family == 0, target.combine == Combine::kHostWide);
    }
  }
  EXPECT_EQ(FindHardening("nonsense"), nullptr);
  EXPECT_GE(names.size(), 30u);
}

// The values that the old guides print.
TEST(Catalogue, TheOriginalPresetIsTheOldGuides) {
  const std::pair<const char*, int64_t> guides[] = {{"syn_attack_protect", 2},
                                                    {"tcp_max_ports_exhausted", 5},
                                                    {"tcp_max_half_open", 500},
                                                    {"tcp_max_half_open_retried", 400},
                                                    {"tcp_max_connect_response_retransmissions", 2},
                                                    {"tcp_max_data_retransmissions", 2},
                                                    {"enable_pmtu_discovery", 0},
                                                    {"keep_alive_time", 300'000},
                                                    {"enable_dynamic_backlog", 1},
                                                    {"minimum_dynamic_backlog", 20},
                                                    {"maximum_dynamic_backlog", 20'000},
                                                    {"dynamic_backlog_growth_delta", 10},
                                                    {"enable_icmp_redirect", 0},
                                                    {"enable_dead_gw_detect", 0},
                                                    {"disable_ip_source_routing", 1},
                                                    {"enable_multicast_forwarding", 0},
                                                    {"ip_enable_router", 0},
                                                    {"enable_addr_mask_reply", 0},
                                                    {"no_name_release_on_demand", 1}};
  const v1::Hardened hardened = Harden(Written(v1::Hardening::original), "web", false);
  EXPECT_EQ(hardened.settings_size(), 19);
  for (const auto& [name, value] : guides) EXPECT_EQ(SettingOr(hardened, name, -1), value) << name;
}

// Compares with the values of the running kernel, whether the test runs in a namespace or not.
TEST(Catalogue, DefaultsAreThoseOfTheKernel) {
  for (const HardeningSetting& setting : HardeningCatalogue()) {
    if (!setting.kernel_default.has_value()) continue;
    for (const SysctlTarget& target : setting.sysctls) {
      const auto expected = target.value(*setting.kernel_default);
      if (!expected.has_value() || target.combine != Combine::kHostWide) continue;
      std::ifstream file(absl::StrCat("/proc/sys/", target.name));
      int64_t found = 0;
      // The machine's own configuration may have changed these two, so their values prove nothing.
      if (!(file >> found)) continue;
      const bool set_up = target.name == std::string("net/ipv4/ip_forward") ||
                          target.name == std::string("net/ipv6/conf/all/forwarding");
      if (set_up) continue;
      EXPECT_EQ(found, *expected) << target.name;
    }
  }
}

std::optional<int64_t> ReadNumber(const std::string& name) {
  std::ifstream file("/proc/sys/" + name);
  int64_t number = 0;
  return file >> number ? std::optional(number) : std::nullopt;
}

// Whether a file sets this sysctl when the machine boots; see sysctl.d(5).
bool IsSetByAFile(const std::string& key) {
  std::error_code error;
  std::vector<std::filesystem::path> files = {"/etc/sysctl.conf"};
  for (const char* folder : {"/etc/sysctl.d", "/run/sysctl.d", "/usr/lib/sysctl.d"}) {
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
      files.push_back(entry.path());
    }
  }
  for (const std::filesystem::path& path : files) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
      if (line.starts_with("net.") && line.find(key) != std::string::npos) return true;
    }
  }
  return false;
}

// Checks the values in force for a new interface in a new network namespace.
TEST(Catalogue, DefaultsOfInterfacesAreThoseOfTheKernel) {
  if (unshare(CLONE_NEWNET) != 0) GTEST_SKIP() << "needs root";
  for (const HardeningSetting& setting : HardeningCatalogue()) {
    for (const SysctlTarget& target : setting.sysctls) {
      if (!setting.kernel_default.has_value() || target.combine == Combine::kHostWide ||
          target.links_only || IsSetByAFile(target.name)) {
        continue;
      }
      // For IPv6 the kernel's default accepts routing headers of type 2 (RFC 6275), which name no
      // routers. The setting refuses these too, so the values differ.
      if (absl::string_view(target.name) == "accept_source_route" && target.family == 6) continue;
      const auto of = [&](const char* interface) {
        return ReadNumber(
            absl::StrCat("net/ipv", target.family, "/conf/", interface, "/", target.name));
      };
      EXPECT_EQ(EffectiveValue(target.combine, of("all"), of("default"), /*forwards=*/false),
                target.value(*setting.kernel_default))
          << setting.name << " " << target.name << " IPv" << int{target.family};
    }
  }
}

TEST(Harden, SettingsReplaceWhatThePresetSays) {
  const v1::Hardened hardened =
      Harden(Written(v1::Hardening::recommended, {{"rp_filter", 0}}), "web", false);
  EXPECT_EQ(SettingOr(hardened, "rp_filter", -1), 0);
  EXPECT_EQ(SettingOr(hardened, "keep_alive_time", -1), 300'000);
  EXPECT_EQ(FindSetting(hardened, "accept_router_advertisements"), nullptr);
}

TEST(Harden, AHigherPolicyDecidesSettingBySetting) {
  v1::Hardened upper = Only("rp_filter", 0);
  AddLower(Harden(Written(v1::Hardening::strict), "base", false), upper);
  EXPECT_EQ(FindSetting(upper, "rp_filter")->policy(), "web");
  EXPECT_EQ(FindSetting(upper, "log_martians")->policy(), "base");
}

TEST(Harden, OffTakesWhatLowerPoliciesSay) {
  v1::Hardened upper = Harden(Written(v1::Hardening::off, {{"rp_filter", 1}}), "web", false);
  AddLower(Harden(Written(v1::Hardening::strict), "base", false), upper);
  EXPECT_EQ(upper.settings_size(), 1);
}

TEST(Harden, SectionsHaveSettingsOfInterfacesOnly) {
  const v1::Hardened of_section = Harden(Written(v1::Hardening::strict), "web", true);
  EXPECT_NE(FindSetting(of_section, "rp_filter"), nullptr);
  EXPECT_EQ(FindSetting(of_section, "keep_alive_time"), nullptr);
}

TEST(Sysctls, OneValueForAllIsSetEverywhere) {
  const auto interfaces = Interfaces();
  const WantedSysctls wanted = SysctlsFor(Only("rp_filter", 1), interfaces, Nothing);
  for (const char* name : {"all", "default", "lo", "eth0", "eth1"}) {
    EXPECT_EQ(ValueOf(wanted, absl::StrCat("net/ipv4/conf/", name, "/rp_filter")), "1") << name;
  }
  EXPECT_EQ(wanted.size(), 5u);
  EXPECT_EQ(wanted.at("net/ipv4/conf/eth0/rp_filter").interface, 2u);
}

TEST(Sysctls, ValuesAreTranslated) {
  const auto interfaces = Interfaces();
  const auto of = [&](const char* setting, int64_t value) {
    return SysctlsFor(Only(setting, value), interfaces, Nothing);
  };
  EXPECT_EQ(ValueOf(of("keep_alive_time", 300'000), "net/ipv4/tcp_keepalive_time"), "300");
  EXPECT_EQ(ValueOf(of("keep_alive_time", 1'001), "net/ipv4/tcp_keepalive_time"), "2");
  EXPECT_EQ(ValueOf(of("tcp_max_data_retransmissions", 65'535), "net/ipv4/tcp_retries2"), "255");
  EXPECT_EQ(ValueOf(of("syn_attack_protect", 2), "net/ipv4/tcp_syncookies"), "1");
  EXPECT_EQ(ValueOf(of("syn_attack_protect", 0), "net/ipv4/tcp_syncookies"), "0");
  const WantedSysctls routes = of("disable_ip_source_routing", 1);
  EXPECT_EQ(ValueOf(routes, "net/ipv4/conf/all/accept_source_route"), "0");
  EXPECT_EQ(ValueOf(routes, "net/ipv6/conf/eth0/accept_source_route"), "-1");
  const WantedSysctls without = of("enable_pmtu_discovery", 0);
  EXPECT_EQ(ValueOf(without, "net/ipv4/ip_no_pmtu_disc"), "1");
  EXPECT_EQ(ValueOf(without, "net/ipv6/conf/eth0/mtu"), "1280");
  EXPECT_EQ(ValueOf(without, "net/ipv6/conf/lo/mtu"), "-");
  EXPECT_EQ(ValueOf(without, "net/ipv6/conf/default/mtu"), "-");
  EXPECT_EQ(of("enable_pmtu_discovery", 1).size(), 1u);
}

// Whatever values `all`, `default` and each interface had before: the section's value is in force
// for the section's interface, and the value in force for every other interface does not change.
TEST(Sysctls, ASectionHoldsForItsInterfaceAndNoOther) {
  for (const HardeningSetting& setting : HardeningCatalogue()) {
    if (setting.scope != HardeningSetting::Scope::kInterface) continue;
    for (int64_t all = 0; all <= 1; ++all) {
      for (int64_t own = 0; own <= 1; ++own) {
        for (int64_t value = setting.least; value <= setting.most; ++value) {
          auto interfaces = Interfaces();
          interfaces[1].own = Only(setting.name, value);
          const auto found = [&](const std::string& name) -> std::optional<int64_t> {
            if (name == "net/ipv4/ip_forward") return 0;
            return name.find("/all/") != std::string::npos ? all : own;
          };
          const WantedSysctls wanted = SysctlsFor(v1::Hardened(), interfaces, found);
          for (const SysctlTarget& target : setting.sysctls) {
            if (target.combine == Combine::kHostWide) continue;
            SCOPED_TRACE(absl::StrCat(setting.name, " ", target.name, " all ", all, " own ", own,
                                      " value ", value));
            const auto now = [&](const char* interface) {
              const std::string name =
                  absl::StrCat("net/ipv", target.family, "/conf/", interface, "/", target.name);
              const auto one = wanted.find(name);
              return one == wanted.end() ? found(name)
                                         : std::optional<int64_t>(std::stoll(one->second.value));
            };
            EXPECT_EQ(EffectiveValue(target.combine, now("all"), now("eth0"), false),
                      target.value(value));
            EXPECT_EQ(EffectiveValue(target.combine, now("all"), now("eth1"), false),
                      EffectiveValue(target.combine, all, own, false));
          }
        }
      }
    }
  }
}

TEST(Interplay, StrictBecomesLooseWherePacketsComeBySeveralWays) {
  v1::Hardened host = Only("rp_filter", 1);
  auto interfaces = Interfaces();
  EXPECT_TRUE(Reconcile({.outer = {"eth0"}}, host, interfaces).empty());
  EXPECT_EQ(SettingOr(host, "rp_filter", -1), 1);
  const auto reasons = Reconcile({.outer = {"eth0", "eth1"}}, host, interfaces);
  EXPECT_NE(reasons.at("rp_filter").find("eth0, eth1"), std::string::npos);
  EXPECT_EQ(SettingOr(host, "rp_filter", -1), 2);
}

TEST(Interplay, AHostThatForwardsForItsContainersGoesOn) {
  auto interfaces = Interfaces();
  v1::Hardened host = Only("ip_enable_router", 0);
  EXPECT_TRUE(Reconcile({.forwards = true}, host, interfaces).empty()) << "nobody needs it";
  EXPECT_TRUE(Reconcile({.inner = "docker0"}, host, interfaces).empty()) << "it does not forward";
  const auto reasons = Reconcile({.forwards = true, .inner = "docker0"}, host, interfaces);
  EXPECT_NE(reasons.at("ip_enable_router").find("docker0"), std::string::npos);
  EXPECT_EQ(FindSetting(host, "ip_enable_router"), nullptr);
}

}  // namespace
}  // namespace firebreak::policy
