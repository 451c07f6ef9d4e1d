#include "policy/compile/profile_chains.h"

// glibc's header before the kernel's, which then leave out what both define.
#include <netinet/in.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>

#include <utility>

#include "policy/compile/admission.h"
#include "policy/compile/forwards.h"
#include "policy/compile/handshake.h"
#include "policy/compile/icmp.h"
#include "policy/compile/mappings.h"
#include "policy/compile/responses.h"
#include "policy/compile/spoofing.h"

namespace firebreak::policy {
namespace {

using ruleset::Rule;

constexpr uint16_t kDhcpServer = 67, kDhcpClient = 68;      // RFC 2131
constexpr uint16_t kDhcp6Server = 547, kDhcp6Client = 546;  // RFC 8415

}  // namespace

std::vector<Rule> InboundRules(const Profile& profile, const ObjectName& scope,
                               TableBuilder& table) {
  if (profile.firewall == v1::Firewall::off) return {MakeRule({}, Accept())};
  const bool observe = profile.firewall == v1::Firewall::observe;
  std::vector<Rule> rules;
  rules.push_back(EssentialIcmpv6(kInbound, table));
  rules.push_back(CheckSourceInbound(observe, table));
  Append(rules, AnswerProxied(profile, scope, table));
  rules.push_back(RelatedInbound(profile.icmp, observe, table));
  rules.push_back(MakeRule({IsState(NF_CT_STATE_INVALID_BIT)}, table.Refuse("invalid", observe)));
  rules.push_back(MakeRule({IsNotLoneSyn()}, table.Refuse("not-syn", observe)));
  if (HasForwards(profile)) {
    rules.push_back(
        MakeRule({HasStatus(IPS_DST_NAT)}, AdmitForwarded(profile, scope, observe, table)));
  }
  Append(rules, CompileMappings(profile, kInbound, scope, table));
  Append(rules, AdmitResponses(profile, table));
  Append(rules, IcmpRequests(profile.icmp));
  // Answers that conntrack cannot match, as they were asked for by broadcast or multicast.
  rules.push_back(MakeRule({IsFamily(NFPROTO_IPV4), IsUdp(kDhcpServer, kDhcpClient)}, Accept()));
  rules.push_back(MakeRule({IsSourceLinkLocal(), IsUdp(kDhcp6Server, kDhcp6Client)}, Accept()));
  rules.push_back(MakeRule({IsFamily(NFPROTO_IPV4), IsProtocol(IPPROTO_IGMP)}, Accept()));
  rules.push_back(MakeRule({}, table.Refuse("unsolicited", observe)));
  return rules;
}

std::vector<Rule> OutboundRules(const Profile& profile, const ObjectName& scope,
                                TableBuilder& table) {
  if (profile.firewall == v1::Firewall::off) return {MakeRule({}, Accept())};
  const bool observe = profile.firewall == v1::Firewall::observe;
  const bool block = profile.outbound_default == v1::Traffic::block;
  std::vector<Rule> rules;
  rules.push_back(EssentialIcmpv6(kOutbound, table));
  rules.push_back(CheckSourceOutbound(observe, table));
  Append(rules, IcmpErrorsOutbound(profile.icmp, observe, table));
  rules.push_back(MakeRule({IsState(NF_CT_STATE_BIT(IP_CT_RELATED))}, Accept()));
  Append(rules, RememberRemotes(profile, table));
  Append(rules, CompileMappings(profile, kOutbound, scope, table));
  if (!block) {
    Append(rules, AdmitAny(profile, table));
    return rules;
  }
  // Without these the host would lose its address, and with it what the policy does allow.
  rules.push_back(MakeRule({IsFamily(NFPROTO_IPV4), IsUdp(kDhcpClient, kDhcpServer)}, Accept()));
  rules.push_back(MakeRule({IsFamily(NFPROTO_IPV6), IsUdp(kDhcp6Client, kDhcp6Server)}, Accept()));
  rules.push_back(MakeRule({IsFamily(NFPROTO_IPV4), IsProtocol(IPPROTO_IGMP)}, Accept()));
  rules.push_back(MakeRule({}, table.Refuse("outbound", observe)));
  return rules;
}

}  // namespace firebreak::policy
