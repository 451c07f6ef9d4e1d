// SPDX-License-Identifier: Apache-2.0
#include "policy/compile/sharing.h"

// glibc's header must come before the kernel's, which then leave out what both define.
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter_ipv4.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include <algorithm>
#include <string>
#include <utility>

#include "policy/compile/address_set.h"
#include "policy/compile/admission.h"
#include "policy/compile/forwards.h"
#include "policy/compile/spoofing.h"
#include "policy/resources/elsewhere.h"
#include "policy/resources/prefix.h"

namespace firebreak::policy {
namespace {

using ruleset::Rule;

constexpr char kPrivateSet[] = "share.private";
constexpr char kPublicSet[] = "share.public";
constexpr char kFromSet[] = "share.from";
constexpr char kPrivateChain[] = "share.out";
constexpr char kClampChain[] = "share.clamp";
constexpr char kClampSynChain[] = "share.clamp.syn";

Match ToPublic() { return IsInterfaceNamed(NFT_META_OIFNAME, kPublicSet); }

// Judges packets from private hosts: their source must be in the private network, and their
// destination must be unicast.
std::vector<Rule> SentByPrivate(const Profile& profile, TableBuilder& table) {
  const bool observe = profile.firewall == v1::Firewall::observe;
  std::vector<Rule> rules = CheckSentByPrivate(observe, table);
  if (profile.firewall != v1::Firewall::off) {
    rules.push_back(
        MakeRule({ToPublic(), IsState(NF_CT_STATE_INVALID_BIT)}, table.Refuse("invalid", observe)));
    rules.push_back(MakeRule({ToPublic(), IsState(NF_CT_STATE_BIT(IP_CT_NEW)), IsNotLoneSyn()},
                             table.Refuse("not-syn", observe)));
  }
  Append(rules, AdmitAny(profile, table));
  return rules;
}

void AddNames(const std::string& set_name,
              const google::protobuf::RepeatedPtrField<std::string>& names, TableBuilder& table) {
  ruleset::Set set = {.key = {ruleset::Field::kInterfaceName}};
  for (const std::string& name : names) set.elements.emplace_back(KeyInterfaceName(name));
  table.AddSet(set_name, std::move(set));
}

// Returns matches for the packets that may use the public interfaces.
std::vector<Match> Shared(const Subject& subject, TableBuilder& table) {
  std::vector<Prefix> from;
  for (const std::string& text : subject.sharing.from()) {
    if (const auto prefix = ParsePrefix(text); prefix.ok()) from.push_back(*prefix);
  }
  std::vector<Match> matches;
  for (const AddressMatch& source : WithinPrefixes(from, kInbound, ObjectName(kFromSet), table)) {
    matches.push_back(FromPrivate() + ToPublic() +
                      (source.family == 0 ? Match() : IsFamily(source.family)) + source.match);
  }
  return matches;
}

// Returns the public interfaces that exist.
std::vector<Interface> FindPublic(const Subject& subject) {
  std::vector<Interface> found;
  for (const std::string& name : subject.sharing.public_()) {
    for (const Interface& one : subject.interfaces) {
      if (one.name == name && one.index != 0) found.push_back(one);
    }
  }
  return found;
}

// Returns the chain that changes destinations by the mappings of one public interface, at whatever
// location the interface is. Packets that no mapping covers return.
std::string HairpinChain(const Subject& subject, const Interface& outside, TableBuilder& table) {
  ruleset::Bytes index(sizeof outside.index, '\0');
  memcpy(index.data(), &outside.index, sizeof outside.index);
  const ObjectName top = ObjectName("hairpin") / outside.name;
  std::vector<Rule> rules;
  for (const v1::EffectiveLocation& location : subject.policy.locations()) {
    const std::string name = (top / location.name()).Text();
    const Profile profile = ProfileOf(location, outside.name, outside.type);
    table.AddChain(
        name, ChangeDestination(profile, ScopeOf(subject, location, kInbound, outside), table));
    // Elsewhere is in no location set, so it is the rule behind all others.
    if (location.name() == kElsewhere) continue;
    rules.push_back(MakeRule(
        {{ruleset::ImmediateData{0, index}, ruleset::Lookup{LocationSetName(location.name()), 0}}},
        GoTo(name)));
  }
  rules.push_back(MakeRule({}, GoTo((top / kElsewhere).Text())));
  table.AddChain(top.Text(), std::move(rules));
  return top.Text();
}

// Adds the chain that lowers the maximum segment size in the SYNs of connections through the public
// interfaces, in each direction to what the route allows.
void ClampSegments(TableBuilder& table) {
  constexpr uint32_t kSizeOffset = 2, kSizeBytes = 2;  // RFC 9293, 3.2
  const Match lower = {ruleset::Rt{NFT_RT_TCPMSS, 0},
                       ruleset::Byteorder{0, 0, NFT_BYTEORDER_HTON, kSizeBytes, kSizeBytes},
                       ruleset::TcpOptionWrite{TCPOPT_MAXSEG, kSizeOffset, kSizeBytes, 0}};
  table.AddChain(kClampSynChain,
                 {MakeRule({IsInterfaceNamed(NFT_META_OIFNAME, kPublicSet), lower}),
                  MakeRule({IsInterfaceNamed(NFT_META_IIFNAME, kPublicSet), lower})});
  table.AddChain(kClampChain, {.hook = ruleset::Hook{.number = NF_INET_FORWARD,
                                                     .priority = NF_IP_PRI_MANGLE,
                                                     .policy = NF_ACCEPT,
                                                     .type = "filter"},
                               .rules = {MakeRule({IsSyn()}, GoTo(kClampSynChain))}});
}

}  // namespace

bool Shares(const Subject& subject) { return !subject.sharing.public_().empty(); }

Match FromPrivate() { return IsInterfaceNamed(NFT_META_IIFNAME, kPrivateSet); }
Match ToPrivate() { return IsInterfaceNamed(NFT_META_OIFNAME, kPrivateSet); }

std::vector<Rule> CheckSentByPrivate(bool observe, TableBuilder& table) {
  const ruleset::Verdict spoofed = table.Refuse("spoofed", observe);
  const ruleset::Verdict multicast = table.Refuse("multicast", observe);
  std::vector<Rule> rules;
  rules.push_back(MakeRule({HasNoWayBack()}, spoofed));
  rules.push_back(MakeRule({IsAddressType(NFTA_FIB_F_SADDR, RTN_LOCAL)}, spoofed));
  rules.push_back(
      MakeRule({IsFamily(NFPROTO_IPV4), IsAddressType(NFTA_FIB_F_SADDR, RTN_BROADCAST)}, spoofed));
  rules.push_back(MakeRule({IsMulticastDestination(NFPROTO_IPV4)}, multicast));
  rules.push_back(MakeRule({IsMulticastDestination(NFPROTO_IPV6)}, multicast));
  return rules;
}

std::vector<Rule> SendToPublic(const Subject& subject, TableBuilder& table) {
  std::vector<Rule> rules;
  for (const Match& shared : Shared(subject, table)) {
    rules.push_back(MakeRule({shared}, GoTo(kPrivateChain)));
  }
  return rules;
}

std::vector<Rule> SendBackToPrivate(const Subject& subject) {
  std::vector<Rule> rules;
  // Packets within one private network pass. From one private network to another only a mapping
  // leads.
  for (const std::string& name : subject.sharing.private_()) {
    rules.push_back(
        MakeRule({IsInterface(NFT_META_IIFNAME, name), IsInterface(NFT_META_OIFNAME, name)},
                 GoTo(kPrivateChain)));
  }
  // A mapping or another program has changed the destination. Private networks may reach what this
  // host offers.
  rules.push_back(MakeRule({FromPrivate(), HasStatus(IPS_DST_NAT)}, GoTo(kPrivateChain)));
  return rules;
}

void AddSharing(const Subject& subject, TableBuilder& table) {
  if (!Shares(subject)) return;
  AddNames(kPrivateSet, subject.sharing.private_(), table);
  AddNames(kPublicSet, subject.sharing.public_(), table);
  if (subject.sharing.clamp_mss()) ClampSegments(table);
  table.AddChain(kPrivateChain, Dispatch(
                                    subject, kPrivateChain, kOutbound,
                                    [&](const Profile& profile, const ObjectName&) {
                                      return SentByPrivate(profile, table);
                                    },
                                    table));
  std::vector<Rule> rules;
  for (const Match& shared : Shared(subject, table)) {
    rules.push_back(MakeRule({shared, {ruleset::Masquerade()}}));
  }
  // The source of packets sent back into their own network is masqueraded, so that the answers
  // return through this host.
  rules.push_back(
      MakeRule({FromPrivate(), ToPrivate(), HasStatus(IPS_DST_NAT), {ruleset::Masquerade()}}));
  table.AddChain("nat-postrouting", {.hook = ruleset::Hook{.number = NF_INET_POST_ROUTING,
                                                           .priority = NF_IP_PRI_NAT_SRC,
                                                           .policy = NF_ACCEPT,
                                                           .type = "nat"},
                                     .rules = std::move(rules)});
}

std::vector<Rule> ForwardForPrivate(const Subject& subject, TableBuilder& table) {
  std::vector<Rule> rules;
  for (const Interface& outside : FindPublic(subject)) {
    rules.push_back(
        MakeRule({FromPrivate(), IsNotAddressType(NFTA_FIB_F_DADDR | NFTA_FIB_F_IIF, RTN_LOCAL)},
                 {.code = NFT_JUMP, .chain = HairpinChain(subject, outside, table)}));
  }
  return rules;
}

}  // namespace firebreak::policy
