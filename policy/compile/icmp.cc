// SPDX-License-Identifier: Apache-2.0
#include "policy/compile/icmp.h"

// glibc's headers must come before the kernel's, which then leave out what both define.
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "policy/compile/chain_names.h"
#include "policy/merge/icmp_option_types.h"

namespace firebreak::policy {

using ruleset::Rule;

Rule EssentialIcmpv6(const Direction& direction, TableBuilder& table) {
  const bool inbound = &direction == &kInbound;
  const std::string name = inbound ? kEssentialInboundChain : kEssentialOutboundChain;
  std::vector<Rule> rules;
  for (const uint8_t type : EssentialIcmpv6Types(inbound)) {
    rules.push_back(MakeRule({IsIcmpType(IPPROTO_ICMPV6, type)}, Accept()));
  }
  table.AddChain(name, std::move(rules));
  return MakeRule({IsProtocol(IPPROTO_ICMPV6)}, {.code = NFT_JUMP, .chain = name});
}

std::vector<Rule> RelatedIcmpInbound(const std::set<IcmpOption>& allowed, bool observe,
                                     TableBuilder& table) {
  std::vector<Rule> rules;
  if (!allowed.contains(IcmpOption::kRedirect)) {
    rules.push_back(MakeRule({IsIcmpType(IPPROTO_ICMP, ICMP_REDIRECT)},
                             table.Refuse("icmp-redirect", observe)));
  }
  rules.push_back(MakeRule({IsProtocol(IPPROTO_ICMP)}, Accept()));
  rules.push_back(MakeRule({IsProtocol(IPPROTO_ICMPV6)}, Accept()));
  return rules;
}

namespace {

// Returns matches for the ICMP that mappings let in, whether or not it begins a flow.
std::vector<Match> IcmpOfMappings(const Profile& profile) {
  std::set<std::vector<int>> seen;
  std::vector<Match> matches;
  const auto add = [&](const std::vector<int>& what, const Match& match) {
    if (seen.insert(what).second) matches.push_back(match);
  };
  for (const v1::Mapping* mapping : profile.inbound) {
    if (mapping->action() != v1::Traffic::allow) continue;
    for (const v1::IcmpKind& kind : mapping->icmp()) {
      const auto protocol = static_cast<uint8_t>(kind.protocol());
      const auto type = static_cast<uint8_t>(kind.type());
      const int code = kind.has_code() ? static_cast<int>(kind.code()) : -1;
      add({protocol, type, code},
          IsIcmpType(protocol, type) +
              (kind.has_code() ? IsIcmpCode(static_cast<uint8_t>(code)) : Match()));
    }
    if (!mapping->icmp().empty()) continue;
    for (const v1::PortRange& range : mapping->ports()) {
      if (range.protocol() != IPPROTO_ICMP && range.protocol() != IPPROTO_ICMPV6) continue;
      add({static_cast<int>(range.protocol())}, IsProtocol(static_cast<uint8_t>(range.protocol())));
    }
  }
  return matches;
}

}  // namespace

Rule RefuseInvalid(const Profile& profile, const ObjectName& scope, TableBuilder& table) {
  const bool observe = profile.firewall == v1::Firewall::observe;
  const Match invalid = IsState(NF_CT_STATE_INVALID_BIT);
  const ruleset::Verdict refuse = table.Refuse("invalid", observe);
  const bool solicitations = profile.icmp.contains(IcmpOption::kRouterRequest);
  const bool redirects = profile.icmp.contains(IcmpOption::kRedirect);
  const std::vector<Match> of_mappings = IcmpOfMappings(profile);
  if (!solicitations && !redirects && of_mappings.empty()) return MakeRule({invalid}, refuse);
  const ruleset::Verdict back = {.code = NFT_RETURN};
  std::vector<Rule> rules;
  if (solicitations) {
    rules.push_back(MakeRule({IsIcmpType(IPPROTO_ICMP, kIcmpRouterSolicitation)}, back));
  }
  if (redirects) rules.push_back(MakeRule({IsIcmpType(IPPROTO_ICMPV6, ND_REDIRECT)}, back));
  for (const Match& match : of_mappings) rules.push_back(MakeRule({match}, back));
  rules.push_back(MakeRule({}, refuse));
  // Without mappings, the name contains everything that distinguishes the chain's contents.
  const std::string options = absl::StrCat(
      "in.invalid", solicitations ? ".router-solicitation" : "", redirects ? ".redirect" : "");
  const std::string name =
      of_mappings.empty() ? ChainFor(options, observe) : (scope / "invalid" / options).Text();
  table.AddChain(name, std::move(rules));
  return MakeRule({invalid}, {.code = NFT_JUMP, .chain = name});
}

std::vector<Rule> IcmpRequests(const std::set<IcmpOption>& allowed) {
  std::vector<Rule> rules;
  for (const IcmpOptionType& request : IcmpRequestTypes()) {
    if (!allowed.contains(request.option)) continue;
    if (request.ipv4.has_value()) {
      rules.push_back(MakeRule({IsIcmpType(IPPROTO_ICMP, *request.ipv4)}, Accept()));
    }
    if (request.ipv6.has_value()) {
      rules.push_back(MakeRule({IsIcmpType(IPPROTO_ICMPV6, *request.ipv6)}, Accept()));
    }
  }
  return rules;
}

std::vector<Rule> IcmpErrorsOutbound(const std::set<IcmpOption>& allowed, bool observe,
                                     TableBuilder& table) {
  // The name contains everything that distinguishes the chain's contents.
  std::string name = "out.icmp-errors";
  for (const IcmpOptionType& error : IcmpErrorTypes()) {
    if (allowed.contains(error.option)) {
      absl::StrAppend(&name, ".", static_cast<int>(error.option));
    }
  }
  name = ChainFor(std::move(name), observe);
  std::vector<Rule> rules;
  if (!allowed.contains(IcmpOption::kDestinationUnreachable)) {
    const Match related = IsState(NF_CT_STATE_BIT(IP_CT_RELATED));
    rules.push_back(MakeRule(
        {IsIcmpType(IPPROTO_ICMP, ICMP_DEST_UNREACH), IsIcmpCode(ICMP_PKT_FILTERED), related},
        Accept()));
    rules.push_back(MakeRule({IsIcmpType(IPPROTO_ICMPV6, ICMP6_DST_UNREACH),
                              IsIcmpCode(ICMP6_DST_UNREACH_ADMIN), related},
                             Accept()));
  }
  for (const IcmpOptionType& error : IcmpErrorTypes()) {
    if (allowed.contains(error.option)) continue;
    const ruleset::Verdict refuse = table.Refuse("icmp-error-out", observe);
    if (error.ipv4.has_value()) {
      const Match type = IsIcmpType(IPPROTO_ICMP, *error.ipv4);
      const Match but =
          *error.ipv4 == ICMP_DEST_UNREACH ? IsNotIcmpCode(ICMP_FRAG_NEEDED) : Match();
      rules.push_back(MakeRule({type, but}, refuse));
    }
    if (error.ipv6.has_value()) {
      rules.push_back(MakeRule({IsIcmpType(IPPROTO_ICMPV6, *error.ipv6)}, refuse));
    }
  }
  if (rules.empty()) return rules;
  table.AddChain(name, std::move(rules));
  // Packets of other protocols need two comparisons only, instead of one for each type.
  const ruleset::Verdict jump = {.code = NFT_JUMP, .chain = name};
  return {MakeRule({IsProtocol(IPPROTO_ICMP)}, jump), MakeRule({IsProtocol(IPPROTO_ICMPV6)}, jump)};
}

}  // namespace firebreak::policy
