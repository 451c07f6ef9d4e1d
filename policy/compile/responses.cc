#include "policy/compile/responses.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter_ipv4.h>

#include <algorithm>
#include <string>
#include <utility>

#include "policy/compile/admission.h"
#include "policy/compile/match.h"
#include "policy/compile/object_name.h"

namespace firebreak::policy {
namespace {

using ruleset::Rule;

constexpr char kChain[] = "sent";
constexpr uint64_t kRememberedMillis = 60'000;
constexpr uint32_t kMostRemembered = 65'536;
constexpr uint8_t kFamilies[] = {NFPROTO_IPV4, NFPROTO_IPV6};

bool HasResponses(const v1::Mapping& mapping) {
  return mapping.action() == v1::Traffic::allow && !mapping.responses().empty();
}

// One for each mapping and family.
std::string RememberedSet(const v1::Mapping& mapping, uint8_t family, TableBuilder& table) {
  const bool ipv4 = family == NFPROTO_IPV4;
  const std::string name =
      (ObjectName(ipv4 ? "responses4" : "responses6") / mapping.policy() / mapping.name()).Text();
  table.AddSet(name, {.key = {ipv4 ? ruleset::Field::kIpv4Address : ruleset::Field::kIpv6Address},
                      .dynamic = true,
                      .updated = true,
                      .capacity = kMostRemembered});
  return name;
}

Match IsTo(const v1::PortRange& ports) {
  return IsPortBetween(static_cast<uint8_t>(ports.protocol()), static_cast<uint16_t>(ports.first()),
                       static_cast<uint16_t>(ports.last()));
}

bool WantsResponses(const Profile& profile) {
  return profile.firewall != v1::Firewall::off &&
         std::any_of(profile.outbound.begin(), profile.outbound.end(),
                     [](const v1::Mapping* mapping) { return HasResponses(*mapping); });
}

std::vector<Rule> RememberRemotes(const Profile& profile, TableBuilder& table) {
  std::vector<Rule> rules;
  if (!WantsResponses(profile)) return rules;
  for (const v1::Mapping* mapping : profile.outbound) {
    if (!HasResponses(*mapping)) continue;
    for (const v1::PortRange& ports : mapping->ports()) {
      for (const uint8_t family : kFamilies) {
        const std::string set = RememberedSet(*mapping, family, table);
        const auto remember = [&](const Match& remote) {
          rules.push_back(MakeRule({IsFamily(family),
                                    IsTo(ports),
                                    remote,
                                    LoadRemote(kOutbound, family, 0),
                                    {ruleset::UpdateSet{set, 0, kRememberedMillis}}}));
        };
        if (mapping->remote().empty()) remember({});
        for (const v1::Prefix& prefix : mapping->remote()) {
          if (prefix.address().size() == (family == NFPROTO_IPV4 ? 4u : 16u)) {
            remember(IsRemoteIn(kOutbound, prefix.address(), static_cast<int>(prefix.length())));
          }
        }
      }
    }
  }
  return rules;
}

}  // namespace

void AddRememberedRemotes(const Subject& subject, TableBuilder& table) {
  if (!AnyProfile(subject, WantsResponses)) return;
  ruleset::Chain chain;
  chain.hook = {.number = NF_INET_LOCAL_OUT,
                .priority = NF_IP_PRI_FILTER + 1,
                .policy = NF_ACCEPT,
                .type = "filter"};
  chain.rules.push_back(MakeRule({IsLoopback(kOutbound)}, Accept()));
  chain.rules.push_back(MakeRule({IsState(NF_CT_STATE_BIT(IP_CT_ESTABLISHED))}, Accept()));
  Append(chain.rules, Dispatch(
                          subject, kChain, kOutbound,
                          [&](const Profile& profile, const ObjectName&) {
                            return RememberRemotes(profile, table);
                          },
                          table));
  table.AddChain(kChain, std::move(chain));
}

std::vector<Rule> AdmitResponses(const Profile& profile, TableBuilder& table) {
  std::vector<Rule> rules;
  for (const v1::Mapping* mapping : profile.outbound) {
    if (!HasResponses(*mapping)) continue;
    for (const v1::PortRange& ports : mapping->responses()) {
      for (const uint8_t family : kFamilies) {
        rules.push_back(
            MakeRule({IsSourceIn(family, RememberedSet(*mapping, family, table)), IsTo(ports)},
                     Admit(profile, static_cast<uint8_t>(ports.protocol()),
                           static_cast<uint16_t>(ports.first()),
                           static_cast<uint16_t>(ports.last()), table)));
      }
    }
  }
  return rules;
}

}  // namespace firebreak::policy
