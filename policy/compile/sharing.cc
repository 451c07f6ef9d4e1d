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

#include "absl/strings/str_cat.h"
#include "policy/compile/admission.h"
#include "policy/compile/forwards.h"
#include "policy/compile/icmp.h"
#include "policy/compile/mappings.h"
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
void AddPrivateChain(const Subject& subject, TableBuilder& table) {
  const Match to_public = IsInterface(NFT_META_OIFNAME, subject.sharing.public_());
  const ruleset::Verdict spoofed = table.Refuse("spoofed", false);
  const ruleset::Verdict multicast = table.Refuse("multicast", false);
  std::vector<Rule> rules;
  rules.push_back(MakeRule({HasNoWayBack()}, spoofed));
  rules.push_back(MakeRule({IsAddressType(NFTA_FIB_F_SADDR, RTN_LOCAL)}, spoofed));
  rules.push_back(
      MakeRule({IsFamily(NFPROTO_IPV4), IsAddressType(NFTA_FIB_F_SADDR, RTN_BROADCAST)}, spoofed));
  rules.push_back(MakeRule({IsMulticastDestination(NFPROTO_IPV4)}, multicast));
  rules.push_back(MakeRule({IsMulticastDestination(NFPROTO_IPV6)}, multicast));
  rules.push_back(
      MakeRule({to_public, IsState(NF_CT_STATE_INVALID_BIT)}, table.Refuse("invalid", false)));
  rules.push_back(MakeRule({to_public, IsState(NF_CT_STATE_BIT(IP_CT_NEW)), IsNotLoneSyn()},
                           table.Refuse("not-syn", false)));
  Append(rules, AdmitAny(BaseProfileOf(subject.policy.locations(0)), table));
  table.AddChain(kPrivateChain).rules = std::move(rules);
}

// What comes from outside for private hosts: only what a mapping sends there.
std::vector<Rule> FromPublic(const Profile& profile, const std::string& scope,
                             TableBuilder& table) {
  if (profile.firewall == v1::Firewall::off) return {MakeRule({}, Accept())};
  const bool observe = profile.firewall == v1::Firewall::observe;
  std::vector<Rule> rules;
  rules.push_back(CheckSourceInbound(observe, table));
  rules.push_back(RelatedInbound(profile.icmp, observe, table));
  rules.push_back(MakeRule({IsState(NF_CT_STATE_INVALID_BIT)}, table.Refuse("invalid", observe)));
  rules.push_back(MakeRule({IsNotLoneSyn()}, table.Refuse("not-syn", observe)));
  if (HasForwards(profile)) {
    rules.push_back(
        MakeRule({HasStatus(IPS_DST_NAT)}, AdmitForwarded(profile, scope, observe, table)));
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

}  // namespace

void AddSharing(const Subject& subject, TableBuilder& table) {
  if (subject.sharing.public_().empty()) return;
  const Match from_public = IsInterface(NFT_META_IIFNAME, subject.sharing.public_());
  const Match to_public = IsInterface(NFT_META_OIFNAME, subject.sharing.public_());
  ruleset::Set& set = table.AddSet(kPrivateSet);
  set.key = {ruleset::Field::kInterfaceName};
  for (const std::string& name : subject.sharing.private_()) {
    set.elements.emplace_back(KeyInterfaceName(name));
  }

  AddPrivateChain(subject, table);
  table.AddChain(kPublicChain).rules = Dispatch(
      subject, kPublicChain, kInbound,
      [&](const Profile& profile, const std::string& scope) {
        return FromPublic(profile, scope, table);
      },
      table);
  // What is forwarded between other interfaces is not ours to judge.
  ruleset::Chain& forward = table.AddChain("forward");
  forward.hook = {.number = NF_INET_FORWARD,
                  .priority = NF_IP_PRI_FILTER,
                  .policy = NF_ACCEPT,
                  .type = "filter"};
  forward.rules = {MakeRule({IsState(NF_CT_STATE_BIT(IP_CT_ESTABLISHED))}, Accept()),
                   MakeRule({FromPrivate()}, GoTo(kPrivateChain)),
                   MakeRule({from_public, ToPrivate()}, GoTo(kPublicChain))};

  ruleset::Chain& postrouting = table.AddChain("nat-postrouting");
  postrouting.hook = {.number = NF_INET_POST_ROUTING,
                      .priority = NF_IP_PRI_NAT_SRC,
                      .policy = NF_ACCEPT,
                      .type = "nat"};
  postrouting.rules = {
      MakeRule({FromPrivate(), to_public, {ruleset::Masquerade()}}),
      // Back to its own network: so that the answer comes back this way too.
      MakeRule({FromPrivate(), ToPrivate(), HasStatus(IPS_DST_NAT), {ruleset::Masquerade()}})};
}

std::vector<Rule> ForwardForPrivate(const Subject& subject, TableBuilder& table) {
  const Interface* const outside = FindPublic(subject);
  if (outside == nullptr) return {};
  ruleset::Bytes index(sizeof outside->index, '\0');
  memcpy(index.data(), &outside->index, sizeof outside->index);
  std::vector<Rule> rules;
  for (const v1::EffectiveLocation& location : subject.policy.locations()) {
    const std::string name = absl::StrCat("hairpin.", location.name());
    const Profile profile = ProfileOf(location, outside->name, outside->type);
    std::vector<Rule> chain =
        ChangeDestination(profile, ScopeOf(subject, location, kInbound, *outside), table);
    chain.push_back(MakeRule({}, Accept()));
    table.AddChain(name).rules = std::move(chain);
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
               GoTo(absl::StrCat("hairpin.", kElsewhere))));
  return rules;
}

}  // namespace firebreak::policy
