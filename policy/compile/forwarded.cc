// SPDX-License-Identifier: Apache-2.0
#include "policy/compile/forwarded.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter_ipv4.h>

#include <string>
#include <utility>
#include <vector>

#include "policy/compile/admission.h"
#include "policy/compile/forward_rules.h"
#include "policy/compile/guests.h"
#include "policy/compile/mappings.h"
#include "policy/compile/related.h"
#include "policy/compile/sharing.h"
#include "policy/compile/spoofing.h"

namespace firebreak::policy {
namespace {

using ruleset::Field;
using ruleset::Rule;

constexpr char kGuestSet[] = "forward.guests";
constexpr char kVpnSet[] = "forward.vpns";
constexpr char kBridgedSet[] = "forward.bridged";
constexpr char kPrivateChain[] = "forward.private";

void AddNames(const std::string& set_name, const std::vector<std::string>& names,
              TableBuilder& table) {
  ruleset::Set set = {.key = {Field::kInterfaceName}};
  for (const std::string& name : names) set.elements.emplace_back(KeyInterfaceName(name));
  table.AddSet(set_name, std::move(set));
}

// The rules for packets that no mapping and no rule of the policy covers.
class Defaults {
 public:
  Defaults(const Subject& subject, TableBuilder& table)
      : shares_(Shares(subject)),
        guests_(!GuestInterfaces(subject.interfaces).empty()),
        vpns_(!VpnInterfaces(subject.interfaces).empty()) {
    if (guests_) AddNames(kGuestSet, GuestInterfaces(subject.interfaces), table);
    if (vpns_) AddNames(kVpnSet, VpnInterfaces(subject.interfaces), table);
  }

  // Returns the rules for routed flows that no rule of the policy covers. By default nothing may
  // enter private networks.
  std::vector<Rule> Routed(const Profile& profile, TableBuilder& table) const {
    const ruleset::Verdict refuse = table.Refuse("forward", IsObserved(profile));
    std::vector<Rule> rules;
    if (shares_) rules.push_back(MakeRule({ToPrivate()}, refuse));
    switch (profile.forward_default) {
      case v1::Traffic::allow: Append(rules, AdmitAny(profile, table)); return rules;
      case v1::Traffic::unspecified:
        if (guests_) rules.push_back(MakeRule({FromGuests()}, AdmitAnyChain(profile, table)));
        // A VPN is no boundary between inside and outside: its clients may pass through this host,
        // but may not reach the host's guests.
        if (vpns_) {
          const Match from_vpn = IsInterfaceNamed(NFT_META_IIFNAME, kVpnSet);
          if (guests_) {
            rules.push_back(
                MakeRule({from_vpn, IsInterfaceNamed(NFT_META_OIFNAME, kGuestSet)}, refuse));
          }
          rules.push_back(MakeRule({from_vpn}, AdmitAnyChain(profile, table)));
        }
        break;
      default: break;
    }
    rules.push_back(MakeRule({}, refuse));
    return rules;
  }

  // Returns the rules for flows whose destination another program has changed. Guests may reach
  // what their engine publishes, on this host or elsewhere, because they may reach everything.
  std::vector<Rule> Published(const Profile& profile, TableBuilder& table) const {
    std::vector<Rule> rules;
    if (guests_ && profile.forward_default != v1::Traffic::block) {
      if (shares_) {
        rules.push_back(MakeRule({ToPrivate()}, table.Refuse("unsolicited", IsObserved(profile))));
      }
      rules.push_back(MakeRule({FromGuests()}, AdmitAnyChain(profile, table)));
    }
    rules.push_back(MakeRule({}, table.Refuse("unsolicited", IsObserved(profile))));
    return rules;
  }

 private:
  static bool IsObserved(const Profile& profile) {
    return profile.firewall == v1::Firewall::observe;
  }
  static Match FromGuests() { return IsInterfaceNamed(NFT_META_IIFNAME, kGuestSet); }

  const bool shares_, guests_, vpns_;
};

// Returns the rules by which a profile judges a forwarded packet that belongs to no established
// flow.
std::vector<Rule> Judge(const Subject& subject, const Profile& profile, const ObjectName& scope,
                        const Defaults& defaults, TableBuilder& table) {
  if (profile.firewall == v1::Firewall::off) return {MakeRule({}, Accept())};
  const bool observe = profile.firewall == v1::Firewall::observe;
  std::vector<Rule> rules;
  rules.push_back(CheckSourceInbound(observe, table));
  rules.push_back(RelatedForPrivate(profile, table));
  rules.push_back(MakeRule({IsState(NF_CT_STATE_INVALID_BIT)}, table.Refuse("invalid", observe)));
  rules.push_back(MakeRule({IsNotLoneSyn(), IsNotState(NF_CT_STATE_UNTRACKED_BIT)},
                           table.Refuse("not-syn", observe)));
  std::vector<Rule> published = CompileForwarded(profile, scope, table);
  Append(published, defaults.Published(profile, table));
  const std::string name = (scope / "published").Text();
  table.AddChain(name, std::move(published));
  rules.push_back(MakeRule({HasStatus(IPS_DST_NAT)}, GoTo(name)));
  Append(rules, CompileForwardRules(subject, profile, scope, table));
  Append(rules, defaults.Routed(profile, table));
  return rules;
}

// Returns the rules for packets from private networks. The rules of `forward` come first. What none
// of them covers goes to the shared interfaces, as `shared` says.
std::vector<Rule> JudgePrivate(const Subject& subject, const Profile& profile,
                               const ObjectName& scope, const std::vector<Rule>& shared,
                               TableBuilder& table) {
  if (profile.firewall == v1::Firewall::off) {
    std::vector<Rule> rules = shared;
    rules.push_back(MakeRule({}, Accept()));
    return rules;
  }
  const bool observe = profile.firewall == v1::Firewall::observe;
  std::vector<Rule> rules = CheckSentByPrivate(observe, table);
  rules.push_back(RelatedForPrivate(profile, table));
  rules.push_back(MakeRule({IsState(NF_CT_STATE_INVALID_BIT)}, table.Refuse("invalid", observe)));
  rules.push_back(MakeRule({IsNotLoneSyn(), IsNotState(NF_CT_STATE_UNTRACKED_BIT)},
                           table.Refuse("not-syn", observe)));
  Append(rules, CompileForwardRules(subject, profile, scope, table));
  rules.insert(rules.end(), shared.begin(), shared.end());
  rules.push_back(MakeRule({}, table.Refuse("forward", observe)));
  return rules;
}

// Accepts bridged frames. They come through this hook if br_netfilter is loaded, with the bridge as
// both interfaces.
std::vector<Rule> PassBridged(const Subject& subject, TableBuilder& table) {
  ruleset::Set set = {.key = {Field::kInterfaceName, Field::kInterfaceName}};
  for (const Interface& one : subject.interfaces) {
    if (one.type != "bridge") continue;
    set.elements.emplace_back(KeyInterfaceName(one.name) + KeyInterfaceName(one.name));
  }
  if (set.elements.empty()) return {};
  table.AddSet(kBridgedSet, std::move(set));
  constexpr ruleset::Register kSecond = 4;  // register behind a name of 16 bytes
  return {MakeRule({{ruleset::Meta{NFT_META_IIFNAME, 0}, ruleset::Meta{NFT_META_OIFNAME, kSecond},
                     ruleset::Lookup{kBridgedSet, 0}}},
                   Accept())};
}

}  // namespace

void AddForwardChain(const Subject& subject, TableBuilder& table) {
  std::vector<Rule> rules = {MakeRule({IsState(NF_CT_STATE_BIT(IP_CT_ESTABLISHED))}, Accept())};
  Append(rules, PassBridged(subject, table));
  // Private interfaces have no firewall of their own, but what they forward is judged by the same
  // settings as on other interfaces.
  const v1::Sharing none;
  const Subject whole = {subject.policy, subject.interfaces, none, subject.client_ports};
  if (Shares(subject)) {
    std::vector<Rule> shared = SendToPublic(subject, table);
    // Without a rule of `forward` there is nothing to ask before.
    if (!AnyProfile(whole, [](const Profile& profile) { return !profile.forward.empty(); })) {
      Append(rules, std::exchange(shared, {}));
    }
    Append(rules, SendBackToPrivate(subject));
    table.AddChain(kPrivateChain, Dispatch(
                                      whole, kPrivateChain, kInbound,
                                      [&](const Profile& profile, const ObjectName& scope) {
                                        return JudgePrivate(whole, profile, scope, shared, table);
                                      },
                                      table));
    rules.push_back(MakeRule({FromPrivate()}, GoTo(kPrivateChain)));
  }
  const Defaults defaults(subject, table);
  Append(rules, Dispatch(
                    whole, "forward", kInbound,
                    [&](const Profile& profile, const ObjectName& scope) {
                      return Judge(whole, profile, scope, defaults, table);
                    },
                    table));
  table.AddChain("forward", {.hook = ruleset::Hook{.number = NF_INET_FORWARD,
                                                   .priority = NF_IP_PRI_FILTER,
                                                   .policy = NF_DROP,
                                                   .type = "filter"},
                             .rules = std::move(rules)});
}

}  // namespace firebreak::policy
