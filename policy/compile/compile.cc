// SPDX-License-Identifier: Apache-2.0
#include "policy/compile/compile.h"

// glibc's header must come before the kernel's, which then leave out what both define.
#include <netinet/in.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter_ipv4.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/status/status.h"
#include "policy/compile/dispatch.h"
#include "policy/compile/egress.h"
#include "policy/compile/forwarded.h"
#include "policy/compile/forwards.h"
#include "policy/compile/guests.h"
#include "policy/compile/handshake.h"
#include "policy/compile/hardening.h"
#include "policy/compile/impossible.h"
#include "policy/compile/match.h"
#include "policy/compile/object_name.h"
#include "policy/compile/profile_chains.h"
#include "policy/compile/responses.h"
#include "policy/compile/sharing.h"
#include "policy/compile/spoofing.h"
#include "policy/compile/table.h"
#include "policy/compile/untracked_answers.h"

namespace firebreak::policy {
namespace {

using ruleset::Rule;

const v1::HostSettings& HostSettingsFrom(const v1::EffectivePolicy& policy,
                                         const std::string& location) {
  for (const v1::EffectiveLocation& one : policy.locations()) {
    if (one.name() == location) return one.host();
  }
  return policy.locations(0).host();
}

void AddLocationSets(const v1::EffectivePolicy& policy, TableBuilder& table) {
  for (const v1::EffectiveLocation& location : policy.locations()) {
    if (location.name() == kElsewhere) continue;
    table.AddSet(LocationSetName(location.name()),
                 {.key = {ruleset::Field::kInterfaceIndex}, .dynamic = true});
  }
}

// Adds the chain in front of connection tracking.
void AddPrerouting(const Subject& subject, const v1::Hardened& hardening, TableBuilder& table) {
  ruleset::Chain chain;
  chain.hook = {.number = NF_INET_PRE_ROUTING,
                .priority = NF_IP_PRI_RAW,
                .policy = NF_ACCEPT,
                .type = "filter"};
  Append(chain.rules, HardenPrerouting(subject.policy, hardening, table));
  chain.rules.push_back(RefuseImpossible(subject, table));
  Append(chain.rules, UntrackProxied(subject, table));
  table.AddChain("prerouting", std::move(chain));
}

// Adds chains NAME/LOCATION that refuse every packet, except at locations without a firewall.
void AddSpoofedChains(const Subject& subject, const std::string& name, const Direction& direction,
                      TableBuilder& table) {
  const auto refuse = [&](const Profile& profile, const ObjectName&) -> std::vector<Rule> {
    if (profile.firewall == v1::Firewall::off) return {MakeRule({}, Accept())};
    return {MakeRule({}, table.Refuse("spoofed", profile.firewall == v1::Firewall::observe))};
  };
  table.AddChain(name, Dispatch(subject, name, direction, refuse, table));
}

// Refuses packets from outside that have an address of this host as their source, even if they look
// like part of a flow.
Rule RefuseOwnSource(const Subject& subject, TableBuilder& table) {
  AddSpoofedChains(subject, "own-source", kInbound, table);
  return MakeRule({HasOwnIpv6Source()}, GoTo("own-source"));
}

// Refuses packets that this host sends as part of a flow that it only forwards.
Rule RefuseForeignSource(const Subject& subject, TableBuilder& table) {
  AddSpoofedChains(subject, "foreign-source", kOutbound, table);
  return MakeRule({IsState(NF_CT_STATE_BIT(IP_CT_ESTABLISHED)), HasForeignSource()},
                  GoTo("foreign-source"));
}

constexpr char kIpv6Chain[] = "input.ipv6";

void AddInput(const Subject& subject, TableBuilder& table) {
  ruleset::Chain chain;
  chain.hook = {.number = NF_INET_LOCAL_IN,
                .priority = NF_IP_PRI_FILTER,
                .policy = NF_DROP,
                .type = "filter"};
  // Most packets belong to established IPv4 flows, so these come first. An IPv6 packet's source is
  // checked first.
  const Match established = IsState(NF_CT_STATE_BIT(IP_CT_ESTABLISHED));
  chain.rules.push_back(MakeRule({IsFamily(NFPROTO_IPV4), established}, Accept()));
  chain.rules.push_back(MakeRule({IsLoopback(kInbound)}, Accept()));
  table.AddChain(kIpv6Chain, {RefuseOwnSource(subject, table), MakeRule({established}, Accept())});
  chain.rules.push_back(
      MakeRule({IsFamily(NFPROTO_IPV6)}, {.code = NFT_JUMP, .chain = kIpv6Chain}));
  Append(chain.rules, Dispatch(
                          subject, "in", kInbound,
                          [&](const Profile& profile, const ObjectName& scope) {
                            return InboundRules(profile, scope, subject.client_ports, table);
                          },
                          table));
  table.AddChain("input", std::move(chain));
}

bool RejectsRouted(const Profile& profile) {
  return std::any_of(profile.forward.begin(), profile.forward.end(),
                     [](const v1::Mapping* rule) { return rule->action() == v1::Traffic::reject; });
}

// Lets out the TCP resets by which the kernel rejects routed packets. They are sent in the name of
// the receiver, so their source is not this host's. Conntrack gives the state RELATED to no other
// TCP segments.
Rule AdmitResets() {
  constexpr uint32_t kFlagsOffset = 13;  // RFC 9293, 3.1
  const ruleset::Bytes reset(1, '\x04'), none(1, '\0');
  return MakeRule({IsState(NF_CT_STATE_BIT(IP_CT_RELATED)),
                   IsProtocol(IPPROTO_TCP),
                   {ruleset::Payload{NFT_PAYLOAD_TRANSPORT_HEADER, kFlagsOffset, 1, 0},
                    ruleset::Bitwise{0, 0, reset, none}, ruleset::Cmp{0, NFT_CMP_EQ, reset}}},
                  Accept());
}

void AddOutput(const Subject& subject, const v1::Hardened& hardening, TableBuilder& table) {
  ruleset::Chain chain;
  chain.hook = {.number = NF_INET_LOCAL_OUT,
                .priority = NF_IP_PRI_FILTER,
                .policy = NF_DROP,
                .type = "filter"};
  std::vector<Rule> before = HardenOutput(hardening, table);
  Append(chain.rules, MendProxied(subject, table));
  // If nothing is forwarded, all flows are this host's own.
  const bool forwards = Shares(subject) || AnyProfile(subject, HasForwards);
  if (forwards) before.push_back(RefuseForeignSource(subject, table));
  const Rule established = MakeRule({IsState(NF_CT_STATE_BIT(IP_CT_ESTABLISHED))}, Accept());
  // Most packets belong to established flows, so these come first.
  if (before.empty()) chain.rules.push_back(established);
  chain.rules.push_back(MakeRule({IsLoopback(kOutbound)}, Accept()));
  if (!before.empty()) {
    Append(chain.rules, std::move(before));
    chain.rules.push_back(established);
  }
  if (AnyProfile(subject, RejectsRouted)) chain.rules.push_back(AdmitResets());
  Append(chain.rules, LetOutUntrackedAnswers(subject, table));
  Append(chain.rules, Dispatch(
                          subject, "out", kOutbound,
                          [&](const Profile& profile, const ObjectName& scope) {
                            return OutboundRules(profile, scope, table);
                          },
                          table));
  table.AddChain("output", std::move(chain));
}

}  // namespace

std::string LocationSetName(const std::string& location) {
  return (ObjectName("at") / location).Text();
}

absl::StatusOr<ruleset::Ruleset> Compile(const v1::EffectivePolicy& policy,
                                         std::span<const Interface> interfaces,
                                         const CompileOptions& options) {
  if (!policy.managed()) return ruleset::Ruleset();
  RETURN_IF_ERROR(CheckScopes(policy, interfaces));
  const v1::HostSettings& host = HostSettingsFrom(policy, options.host_location);
  const Subject subject = {policy, interfaces, host.sharing(), options.client_ports};
  TableBuilder inet(host.logging(), options.origins, options.senders);
  AddLocationSets(policy, inet);
  // Guests may reach what their engine publishes without a mapping, so blocking mappings must keep
  // their own rules.
  if (!GuestInterfaces(interfaces).empty()) inet.KeepRefusals();
  if (options.attacked) inet.ProxyAllHandshakes();
  inet.OfferWindowScale(options.window_scale);
  AddPrerouting(subject, host.hardening(), inet);
  AddForwards(subject, inet);
  AddInput(subject, inet);
  AddOutput(subject, host.hardening(), inet);
  AddRememberedRemotes(subject, inet);
  AddSharing(subject, inet);
  AddForwardChain(subject, inet);
  AddHardenedForward(host.hardening(), inet);
  TableBuilder netdev(host.logging(), nullptr, options.senders);
  AddLocationSets(policy, netdev);
  ASSIGN_OR_RETURN(ruleset::Table of_ip, std::move(inet).Finish());
  ASSIGN_OR_RETURN(ruleset::Table of_devices, CompileEgress(subject, std::move(netdev)));
  return ruleset::Ruleset{.inet = std::move(of_ip), .netdev = std::move(of_devices)};
}

}  // namespace firebreak::policy
