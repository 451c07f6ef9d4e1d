// SPDX-License-Identifier: Apache-2.0
#include "policy/compile/profile_chains.h"

// glibc's header must come before the kernel's, which then leave out what both define.
#include <netinet/in.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>

#include <utility>

#include "policy/compile/admission.h"
#include "policy/compile/forwards.h"
#include "policy/compile/handshake.h"
#include "policy/compile/icmp.h"
#include "policy/compile/mappings.h"
#include "policy/compile/related.h"
#include "policy/compile/responses.h"
#include "policy/compile/spoofing.h"
#include "policy/compile/unmatched.h"

namespace firebreak::policy {
namespace {

using ruleset::Rule;

}  // namespace

std::vector<Rule> InboundRules(const Profile& profile, const ObjectName& scope,
                               const PortSpan& client_ports, TableBuilder& table) {
  if (profile.firewall == v1::Firewall::off) return {MakeRule({}, Accept())};
  const bool observe = profile.firewall == v1::Firewall::observe;
  std::vector<Rule> rules;
  rules.push_back(EssentialIcmpv6(kInbound, table));
  rules.push_back(CheckSourceInbound(observe, table));
  Append(rules, AnswerProxied(profile, scope, table));
  rules.push_back(RelatedInbound(profile, client_ports, table));
  rules.push_back(RefuseInvalid(profile, scope, table));
  // Packets that others have marked untracked have no flow, so no lone SYN can be demanded of them.
  rules.push_back(MakeRule({IsNotLoneSyn(), IsNotState(NF_CT_STATE_UNTRACKED_BIT)},
                           table.Refuse("not-syn", observe)));
  // A packet redirected here by whatever program may come in only if its original destination is
  // open.
  rules.push_back(MakeRule({HasStatus(IPS_DST_NAT)}, AdmitForwarded(profile, scope, table)));
  Append(rules, CompileMappings(profile, kInbound, scope, table));
  Append(rules, AdmitResponses(profile, table));
  Append(rules, IcmpRequests(profile.icmp));
  Append(rules, AdmitUnmatched(table));
  rules.push_back(MakeRule({}, RefuseUnsolicited(profile, table)));
  return rules;
}

std::vector<Rule> OutboundRules(const Profile& profile, const ObjectName& scope,
                                TableBuilder& table) {
  if (profile.firewall == v1::Firewall::off) return {MakeRule({}, Accept())};
  const bool observe = profile.firewall == v1::Firewall::observe;
  std::vector<Rule> rules;
  rules.push_back(EssentialIcmpv6(kOutbound, table));
  rules.push_back(CheckSourceOutbound(observe, /*knows_flows=*/true, table));
  Append(rules, IcmpErrorsOutbound(profile.icmp, observe, table));
  rules.push_back(MakeRule({IsState(NF_CT_STATE_BIT(IP_CT_RELATED))}, Accept()));
  Append(rules, RememberDhcpQuestions(table));
  Append(rules, CompileMappings(profile, kOutbound, scope, table));
  if (profile.outbound_default == v1::Traffic::allow) {
    Append(rules, AdmitAny(profile, table));
    return rules;
  }
  // Without these the host would lose its address, and then could not do what the policy allows.
  Append(rules, LetOutUnmatched(table));
  rules.push_back(MakeRule({}, profile.outbound_default == v1::Traffic::reject
                                   ? table.Reject("outbound-rejected", observe)
                                   : table.Refuse("outbound", observe)));
  return rules;
}

}  // namespace firebreak::policy
