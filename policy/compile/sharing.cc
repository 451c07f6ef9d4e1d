#include "policy/compile/sharing.h"

// glibc's header before the kernel's, which then leave out what both define.
#include <netinet/in.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter_ipv4.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include <algorithm>
#include <string>
#include <utility>

#include "policy/compile/admission.h"
#include "policy/compile/forwards.h"
#include "policy/compile/icmp.h"
#include "policy/compile/mappings.h"
#include "policy/compile/related.h"
#include "policy/compile/spoofing.h"
#include "policy/resources/elsewhere.h"

namespace firebreak::policy {
namespace {

using ruleset::Rule;

constexpr char kPrivateSet[] = "share.private";
constexpr char kPrivateChain[] = "share.out";
constexpr char kPublicChain[] = "share.in";

Match FromPrivate() { return IsInterfaceNamed(NFT_META_IIFNAME, kPrivateSet); }
Match ToPrivate() { return IsInterfaceNamed(NFT_META_OIFNAME, kPrivateSet); }

// What private hosts send: only from their own network, and to where it is one host's.
std::vector<Rule> SentByPrivate(const Profile& profile, const Match& to_public,
                                TableBuilder& table) {
  const bool observe = profile.firewall == v1::Firewall::observe;
  const ruleset::Verdict spoofed = table.Refuse("spoofed", observe);
  const ruleset::Verdict multicast = table.Refuse("multicast", observe);
  std::vector<Rule> rules;
  rules.push_back(MakeRule({HasNoWayBack()}, spoofed));
  rules.push_back(MakeRule({IsAddressType(NFTA_FIB_F_SADDR, RTN_LOCAL)}, spoofed));
  rules.push_back(
      MakeRule({IsFamily(NFPROTO_IPV4), IsAddressType(NFTA_FIB_F_SADDR, RTN_BROADCAST)}, spoofed));
  rules.push_back(MakeRule({IsMulticastDestination(NFPROTO_IPV4)}, multicast));
  rules.push_back(MakeRule({IsMulticastDestination(NFPROTO_IPV6)}, multicast));
  if (profile.firewall != v1::Firewall::off) {
    rules.push_back(
        MakeRule({to_public, IsState(NF_CT_STATE_INVALID_BIT)}, table.Refuse("invalid", observe)));
    rules.push_back(MakeRule({to_public, IsState(NF_CT_STATE_BIT(IP_CT_NEW)), IsNotLoneSyn()},
                             table.Refuse("not-syn", observe)));
  }
  Append(rules, AdmitAny(profile, table));
  return rules;
}

// What comes from outside for private hosts: only what a mapping sends there.
std::vector<Rule> FromPublic(const Profile& profile, const ObjectName& scope, TableBuilder& table) {
  if (profile.firewall == v1::Firewall::off) return {MakeRule({}, Accept())};
  const bool observe = profile.firewall == v1::Firewall::observe;
  std::vector<Rule> rules;
  rules.push_back(CheckSourceInbound(observe, table));
  rules.push_back(RelatedForPrivate(profile, table));
  rules.push_back(MakeRule({IsState(NF_CT_STATE_INVALID_BIT)}, table.Refuse("invalid", observe)));
  rules.push_back(MakeRule({IsNotLoneSyn()}, table.Refuse("not-syn", observe)));
  if (HasForwards(profile)) {
    rules.push_back(MakeRule({HasStatus(IPS_DST_NAT)}, AdmitForwarded(profile, scope, table)));
  }
  rules.push_back(MakeRule({}, table.Refuse("unsolicited", observe)));
  return rules;
}

const Interface* FindPublic(const Subject& subject) {
  const auto found =
      std::find_if(subject.interfaces.begin(), subject.interfaces.end(),
                   [&](const Interface& one) { return one.name == subject.sharing.public_(); });
  return found == subject.interfaces.end() || found->index == 0 ? nullptr : &*found;
}

// The families that the kernel is set to forward for this policy, and would not forward without.
std::vector<uint8_t> NewlyForwarded(const Subject& subject, const Router& router) {
  std::vector<uint8_t> families;
  const auto add = [&](uint8_t family, bool forwards_anyway) {
    const bool needed =
        !subject.sharing.public_().empty() ||
        AnyProfile(subject, [&](const Profile& one) { return SendsOn(one, family); });
    if (needed && !forwards_anyway) families.push_back(family);
  };
  add(NFPROTO_IPV4, router.ipv4);
  add(NFPROTO_IPV6, router.ipv6);
  return families;
}

// A host that forwards only because of its policy forwards nothing but what that is about.
std::vector<Rule> ForwardNothingElse(const Subject& subject, uint8_t family, TableBuilder& table) {
  const Match is_family = IsFamily(family);
  std::vector<Rule> rules;
  // Bridged frames come by here too where they are made to (br_netfilter).
  for (const Interface& one : subject.interfaces) {
    if (one.type != "bridge") continue;
    rules.push_back(MakeRule({is_family, IsInterface(NFT_META_IIFNAME, one.name),
                              IsInterface(NFT_META_OIFNAME, one.name)},
                             Accept()));
  }
  rules.push_back(MakeRule({is_family, HasStatus(IPS_DST_NAT)}, Accept()));
  rules.push_back(MakeRule({is_family, IsState(NF_CT_STATE_BIT(IP_CT_RELATED))}, Accept()));
  rules.push_back(MakeRule({is_family}, table.Refuse("no-router", false)));
  return rules;
}

}  // namespace

void AddForwardChain(const Subject& subject, const Router& router, TableBuilder& table) {
  const bool shares = !subject.sharing.public_().empty();
  const std::vector<uint8_t> limited = NewlyForwarded(subject, router);
  if (!shares && limited.empty()) return;
  std::vector<Rule> rules = {MakeRule({IsState(NF_CT_STATE_BIT(IP_CT_ESTABLISHED))}, Accept())};
  if (shares) {
    const Match from_public = IsInterface(NFT_META_IIFNAME, subject.sharing.public_());
    const Match to_public = IsInterface(NFT_META_OIFNAME, subject.sharing.public_());
    rules.push_back(MakeRule({FromPrivate(), to_public}, GoTo(kPrivateChain)));
    // Back to the network that it came from; to another private one only by way of a mapping.
    for (const std::string& name : subject.sharing.private_()) {
      rules.push_back(
          MakeRule({IsInterface(NFT_META_IIFNAME, name), IsInterface(NFT_META_OIFNAME, name)},
                   GoTo(kPrivateChain)));
    }
    rules.push_back(
        MakeRule({FromPrivate(), ToPrivate(), HasStatus(IPS_DST_NAT)}, GoTo(kPrivateChain)));
    rules.push_back(MakeRule({FromPrivate(), ToPrivate()}, table.Refuse("no-router", false)));
    rules.push_back(MakeRule({from_public, ToPrivate()}, GoTo(kPublicChain)));
  }
  for (const uint8_t family : limited) Append(rules, ForwardNothingElse(subject, family, table));
  // Of a host that is a router anyway: what else it forwards is not ours to judge, but for who
  // private hosts say that they are.
  if (shares) rules.push_back(MakeRule({FromPrivate()}, GoTo(kPrivateChain)));
  table.AddChain("forward", {.hook = ruleset::Hook{.number = NF_INET_FORWARD,
                                                   .priority = NF_IP_PRI_FILTER,
                                                   .policy = NF_ACCEPT,
                                                   .type = "filter"},
                             .rules = std::move(rules)});
}

void AddSharing(const Subject& subject, TableBuilder& table) {
  if (subject.sharing.public_().empty()) return;
  const Match to_public = IsInterface(NFT_META_OIFNAME, subject.sharing.public_());
  ruleset::Set set = {.key = {ruleset::Field::kInterfaceName}};
  for (const std::string& name : subject.sharing.private_()) {
    set.elements.emplace_back(KeyInterfaceName(name));
  }
  table.AddSet(kPrivateSet, std::move(set));

  table.AddChain(kPrivateChain, Dispatch(
                                    subject, kPrivateChain, kOutbound,
                                    [&](const Profile& profile, const ObjectName&) {
                                      return SentByPrivate(profile, to_public, table);
                                    },
                                    table));
  table.AddChain(kPublicChain, Dispatch(
                                   subject, kPublicChain, kInbound,
                                   [&](const Profile& profile, const ObjectName& scope) {
                                     return FromPublic(profile, scope, table);
                                   },
                                   table));

  const std::vector<Rule> rules = {
      MakeRule({FromPrivate(), to_public, {ruleset::Masquerade()}}),
      // Back to its own network: so that the answer comes back this way too.
      MakeRule({FromPrivate(), ToPrivate(), HasStatus(IPS_DST_NAT), {ruleset::Masquerade()}})};
  table.AddChain("nat-postrouting", {.hook = ruleset::Hook{.number = NF_INET_POST_ROUTING,
                                                           .priority = NF_IP_PRI_NAT_SRC,
                                                           .policy = NF_ACCEPT,
                                                           .type = "nat"},
                                     .rules = rules});
}

std::vector<Rule> ForwardForPrivate(const Subject& subject, TableBuilder& table) {
  const Interface* const outside = FindPublic(subject);
  if (outside == nullptr) return {};
  ruleset::Bytes index(sizeof outside->index, '\0');
  memcpy(index.data(), &outside->index, sizeof outside->index);
  std::vector<Rule> rules;
  for (const v1::EffectiveLocation& location : subject.policy.locations()) {
    const std::string name = (ObjectName("hairpin") / location.name()).Text();
    const Profile profile = ProfileOf(location, outside->name, outside->type);
    std::vector<Rule> chain =
        ChangeDestination(profile, ScopeOf(subject, location, kInbound, *outside), table);
    chain.push_back(MakeRule({}, Accept()));
    table.AddChain(name, std::move(chain));
    // To where the public interface is. Elsewhere, the first of the list, is what is left.
    if (location.name() == kElsewhere) continue;
    rules.push_back(MakeRule(
        {FromPrivate(),
         IsNotAddressType(NFTA_FIB_F_DADDR | NFTA_FIB_F_IIF, RTN_LOCAL),
         {ruleset::ImmediateData{0, index}, ruleset::Lookup{LocationSetName(location.name()), 0}}},
        GoTo(name)));
  }
  rules.push_back(
      MakeRule({FromPrivate(), IsNotAddressType(NFTA_FIB_F_DADDR | NFTA_FIB_F_IIF, RTN_LOCAL)},
               GoTo((ObjectName("hairpin") / kElsewhere).Text())));
  return rules;
}

}  // namespace firebreak::policy
