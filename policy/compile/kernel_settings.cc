// SPDX-License-Identifier: Apache-2.0
#include "policy/compile/kernel_settings.h"

#include <linux/netfilter.h>

#include <variant>

namespace firebreak::policy {
namespace {

using ruleset::Table;

template <typename Wanted>
bool Any(const Table& table, const auto& holds) {
  for (const auto& [name, chain] : table.chains) {
    for (const ruleset::Rule& rule : chain.rules) {
      for (const ruleset::Expression& expression : rule.expressions) {
        const auto* wanted = std::get_if<Wanted>(&expression);
        if (wanted != nullptr && holds(*wanted)) return true;
      }
    }
  }
  return false;
}

bool Forwards(const Table& table, uint8_t family) {
  return Any<ruleset::Nat>(table, [&](const ruleset::Nat& nat) { return nat.family == family; }) ||
         Any<ruleset::Masquerade>(table, [](const ruleset::Masquerade&) { return true; });
}

}  // namespace

std::map<std::string, std::string> KernelSettingsFor(const ruleset::Ruleset& ruleset) {
  std::map<std::string, std::string> settings;
  if (!ruleset.inet.has_value()) return settings;
  const Table& table = *ruleset.inet;
  settings[kTcpLoose] = "0";
  if (Any<ruleset::Synproxy>(table, [](const ruleset::Synproxy&) { return true; })) {
    settings[kSynCookies] = "1";
    // With timestamps, SYN cookies keep the options of the SYN.
    settings["net/ipv4/tcp_timestamps"] = "1";
  }
  if (Forwards(table, NFPROTO_IPV4)) settings[kForwardIpv4] = "1";
  if (Forwards(table, NFPROTO_IPV6)) settings[kForwardIpv6] = "1";
  return settings;
}

}  // namespace firebreak::policy
