// SPDX-License-Identifier: Apache-2.0
#include "agent/answer/settings.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "agent/answer/catalogue_setting.h"
#include "agent/answer/wanted_settings.h"
#include "agent/kernel/settings/settings.h"
#include "policy/hardening/catalogue.h"
#include "policy/hardening/sysctls.h"
#include "policy/resources/names.h"
#include "policy/resources/nearest.h"

namespace firebreak::agent {
namespace {

using policy::Combine;

constexpr int kPartSettings = 200;

// What a value is compared with.
enum class Rule { kEqual, kAtLeast, kAtMost };

struct HostWide {
  const char* name;
  int64_t recommended;
  Rule rule;
  const char* why;
};

constexpr HostWide kHostWide[] = {
    {"net/ipv4/tcp_syncookies", 1, Rule::kAtLeast,
     "a flood of SYNs cannot fill the queue of half-open connections"},
    {"net/ipv4/tcp_rfc1337", 1, Rule::kEqual,
     "a stray RST does not end the wait after a connection (RFC 1337)"},
    {"net/ipv4/icmp_echo_ignore_broadcasts", 1, Rule::kEqual,
     "pings to a broadcast address are not answered, so the host amplifies no flood"},
    {"net/ipv4/icmp_ignore_bogus_error_responses", 1, Rule::kEqual,
     "routers that answer broadcasts do not fill the kernel's log"},
    {"net/ipv4/ip_forward", 0, Rule::kEqual,
     "the host is no router; sharing a connection is what sets it to 1"},
    {"net/ipv6/conf/all/forwarding", 0, Rule::kEqual,
     "the host is no router; sharing a connection is what sets it to 1"},
    {"net/netfilter/nf_conntrack_tcp_loose", 0, Rule::kEqual,
     "a connection begins with its handshake, not with any packet in the middle of it"},
    {"net/netfilter/nf_conntrack_tcp_be_liberal", 0, Rule::kEqual,
     "TCP packets outside the window are not part of the connection"},
    {"net/netfilter/nf_conntrack_max", 65'536, Rule::kAtLeast,
     "when the table of connections is full, new ones fail"},
    {"net/netfilter/nf_conntrack_acct", 1, Rule::kEqual,
     "flows and log records contain byte counts"},
};

struct PerInterface {
  const char* family;
  const char* setting;
  int64_t recommended;
  Rule rule;
  Combine combine;
  const char* why;
};

constexpr PerInterface kPerInterface[] = {
    {"ipv4", "rp_filter", 1, Rule::kAtLeast, Combine::kMax,
     "a source to which the host would not answer there is forged; the firewall checks that too"},
    {"ipv4", "accept_redirects", 0, Rule::kEqual, Combine::kOr,
     "nobody on the network diverts the host's traffic"},
    {"ipv4", "secure_redirects", 0, Rule::kEqual, Combine::kOr,
     "not even one that claims to be the gateway"},
    {"ipv4", "send_redirects", 0, Rule::kEqual, Combine::kOr,
     "a host that is not a router does not redirect other hosts"},
    {"ipv4", "accept_source_route", 0, Rule::kEqual, Combine::kAnd,
     "the sender does not choose the way around the firewall"},
    {"ipv4", "log_martians", 1, Rule::kEqual, Combine::kOr,
     "the kernel logs packets with impossible addresses"},
    {"ipv6", "accept_redirects", 0, Rule::kEqual, Combine::kOwn,
     "nobody on the network diverts the host's traffic"},
    {"ipv6", "accept_source_route", 0, Rule::kAtMost, Combine::kMin,
     "the sender does not choose the way around the firewall"},
};

std::optional<int64_t> Number(const std::string& text) {
  int64_t number = 0;
  return absl::SimpleAtoi(text, &number) ? std::optional(number) : std::nullopt;
}

std::string Recommended(int64_t value, Rule rule) {
  return rule == Rule::kAtLeast && value > 1 ? absl::StrCat("at least ", value)
                                             : absl::StrCat(value);
}

bool Good(const std::optional<int64_t>& value, int64_t recommended, Rule rule) {
  if (!value.has_value()) return false;
  if (rule == Rule::kAtMost) return *value <= recommended;
  return rule == Rule::kEqual ? *value == recommended : *value >= recommended;
}

std::string NameOf(const PerInterface& setting, const std::string& interface) {
  return absl::StrCat("net/", setting.family, "/conf/", interface, "/", setting.setting);
}

absl::Status NoSuchSetting(const std::string& name) {
  std::vector<std::string> names;
  for (const policy::HardeningSetting& one : policy::HardeningCatalogue()) {
    names.emplace_back(one.name);
  }
  return absl::NotFoundError(
      absl::StrCat("there is no setting ", policy::Quoted(name), policy::DidYouMean(name, names)));
}

// What the host has of one setting of the catalogue, and who asks for it.
std::vector<v1::HostSetting> Chosen(const policy::HardeningSetting& setting, const Snapshot& host) {
  std::vector<v1::HostSetting> described = DescribeSetting(setting, host.links, ReadSetting);
  std::set<std::string> names;
  for (const v1::HostSetting& one : described) names.insert(one.name());
  AddWanted(host.settings, host.held_back, ReadSetting, described);
  AddWithoutValues(host.hardened, described);
  std::erase_if(described, [&](const v1::HostSetting& one) {
    return one.setting() != setting.name && !names.contains(one.name());
  });
  return described;
}

std::vector<v1::HostSetting> All(const Snapshot& host) {
  std::vector<std::string> interfaces;
  for (const Link& link : host.links) {
    if (link.type != "loopback") interfaces.push_back(link.name);
  }
  std::vector<v1::HostSetting> described =
      DescribeSettings(interfaces, DemandedSettings(host.policy), ReadSetting);
  AddWanted(host.settings, host.held_back, ReadSetting, described);
  AddWithoutValues(host.hardened, described);
  return described;
}

}  // namespace

std::vector<v1::HostSetting> DescribeSettings(const std::vector<std::string>& interfaces,
                                              const std::map<std::string, SettingDemand>& demands,
                                              const SettingReader& read) {
  std::vector<v1::HostSetting> described;
  const auto begin = [&](const std::string& name, int64_t recommended, Rule rule,
                         const char* why) -> v1::HostSetting& {
    v1::HostSetting& setting = described.emplace_back();
    setting.set_name(policy::SysctlText(name));
    setting.set_found(read(name).value_or(""));
    setting.set_recommended(Recommended(recommended, rule));
    setting.set_why(why);
    return setting;
  };
  for (const HostWide& wide : kHostWide) {
    int64_t recommended = wide.recommended;
    const auto demand = demands.find(wide.name);
    if (demand != demands.end()) recommended = demand->second.value;
    v1::HostSetting& setting = begin(wide.name, recommended, wide.rule, wide.why);
    setting.set_good(Good(Number(setting.found()), recommended, wide.rule));
    if (demand == demands.end()) continue;
    setting.set_policy(demand->second.policy);
    setting.set_why(demand->second.why);
  }
  for (const PerInterface& kind : kPerInterface) {
    const auto all = Number(read(NameOf(kind, "all")).value_or(""));
    for (const std::string& interface : interfaces) {
      v1::HostSetting& setting =
          begin(NameOf(kind, interface), kind.recommended, kind.rule, kind.why);
      setting.set_interface(interface);
      // The recommendations are for a host that does not forward.
      const auto holds = policy::EffectiveValue(kind.combine, all, Number(setting.found()),
                                                /*forwards=*/false);
      setting.set_good(Good(holds, kind.recommended, kind.rule));
      if (holds.has_value() && absl::StrCat(*holds) != setting.found()) {
        // What is written is not what holds.
        setting.set_found(absl::StrCat(setting.found(), ", with all ", *holds));
      }
    }
  }
  return described;
}

absl::StatusOr<v1::Answer> ProduceSettings(const v1::SettingsQuestion& question,
                                           const Snapshot& host,
                                           const BackgroundAnswers::Emit& emit) {
  const policy::HardeningSetting* const one = policy::FindHardening(question.setting());
  if (one == nullptr && !question.setting().empty()) return NoSuchSetting(question.setting());
  v1::Answer part;
  part.mutable_settings();
  for (v1::HostSetting& setting : one != nullptr ? Chosen(*one, host) : All(host)) {
    *part.mutable_settings()->add_settings() = std::move(setting);
    if (part.settings().settings_size() < kPartSettings) continue;
    if (!emit(std::exchange(part, {}))) return absl::CancelledError("nobody listens any more");
    part.mutable_settings();
  }
  return part;
}

}  // namespace firebreak::agent
