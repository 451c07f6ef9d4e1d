#include "policy/compile/egress.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "policy/compile/chain_names.h"
#include "policy/compile/spoofing.h"
#include "policy/resources/elsewhere.h"

namespace firebreak::policy {
namespace {

using ruleset::Rule;

// Judges what has a frame of IP, whatever the socket says it has: a socket that lies about the
// protocol would keep the routing table from being asked.
std::string SourceChain(bool observe, TableBuilder& table) {
  const std::string name = ChainFor("egress", observe);
  if (table.HasChain(name)) return name;
  const ruleset::Verdict refuse = table.Refuse("spoofed", observe);
  std::vector<Rule> rules;
  for (const uint16_t type : {kEtherIpv4, kEtherIpv6}) {
    rules.push_back(MakeRule({IsFrameOf(type), IsNotNetworkProtocol(type)}, refuse));
  }
  const Rule check = CheckSourceOutbound(observe, table);
  for (const uint16_t type : {kEtherIpv4, kEtherIpv6}) {
    Rule rule = MakeRule({IsNetworkProtocol(type)});
    rule.expressions.insert(rule.expressions.end(), check.expressions.begin(),
                            check.expressions.end());
    rules.push_back(std::move(rule));
  }
  rules.push_back(MakeRule({}, Accept()));
  table.AddChain(name, std::move(rules));
  return name;
}

bool HasEgressChain(const Interface& interface) {
  return interface.index != 0 && interface.type != "loopback" && !interface.is_port;
}

Rule Judge(const Match& where, const Profile& profile, TableBuilder& table) {
  if (profile.firewall == v1::Firewall::off) return MakeRule({where}, Accept());
  const bool observe = profile.firewall == v1::Firewall::observe;
  return MakeRule({where}, GoTo(SourceChain(observe, table)));
}

}  // namespace

absl::StatusOr<ruleset::Table> CompileEgress(const Subject& subject, TableBuilder table) {
  for (const Interface& interface : subject.interfaces) {
    if (!HasEgressChain(interface)) continue;
    ruleset::Chain chain;
    chain.hook = {.number = NF_NETDEV_EGRESS,
                  .priority = 0,
                  .policy = NF_ACCEPT,
                  .type = "filter",
                  .device = interface.name};
    // What has come through IP has been judged there.
    chain.rules.push_back(MakeRule({HasRoute()}, Accept()));
    for (const v1::EffectiveLocation& location : subject.policy.locations()) {
      if (location.name() == kElsewhere) continue;
      chain.rules.push_back(Judge(IsInterfaceIn(kOutbound, LocationSetName(location.name())),
                                  ProfileFor(subject, location, interface), table));
    }
    chain.rules.push_back(
        Judge({}, ProfileFor(subject, subject.policy.locations(0), interface), table));
    table.AddChain(absl::StrCat("egress.", interface.index), std::move(chain));
  }
  return std::move(table).Finish();
}

}  // namespace firebreak::policy
