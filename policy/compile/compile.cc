#include "policy/compile/compile.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter_ipv4.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "policy/compile/match.h"
#include "policy/compile/profile_chains.h"
#include "policy/compile/table.h"
#include "policy/merge/profile.h"

namespace firebreak::policy {
namespace {

using ruleset::Field;
using ruleset::Rule;

constexpr char kElsewhere[] = "elsewhere";

using RulesOf = std::vector<Rule> (*)(const Profile&, const std::string&, TableBuilder&);

// Those with a section of their own, named by their places: "s0-2_3-0" for the third section of the
// first layer and the first of the fourth.
std::string SectionsName(const std::vector<int>& sections) {
  std::string name = "s";
  for (size_t i = 0; i < sections.size(); ++i) {
    if (sections[i] >= 0) absl::StrAppend(&name, i, "-", sections[i], "_");
  }
  name.pop_back();
  return name;
}

// What the rules of a location say about interfaces.
struct Interfaces {
  std::vector<Interface> known;  // there now, or named by a section
  // Whether an interface that is not among them might fall under a section, by its type or as one
  // of many names. Until the agent has seen it nothing is open on it.
  bool may_surprise = false;
};

// Whether the type of an interface of this name, which is not there yet, may decide about it.
bool TypeMatters(const v1::EffectiveLocation& location, const std::string& name) {
  for (const v1::Layer& layer : location.layers()) {
    for (const v1::InterfaceLayer& section : layer.interfaces()) {
      if (section.match().types().empty()) continue;
      v1::InterfaceMatch by_name = section.match();
      by_name.clear_types();
      if (Matches(by_name, name, "")) return true;
    }
  }
  return false;
}

Interfaces InterfacesAt(const v1::EffectiveLocation& location, std::span<const Interface> present) {
  Interfaces interfaces;
  std::map<std::string, std::string> types;
  for (const Interface& interface : present) types[interface.name] = interface.type;
  for (const v1::Layer& layer : location.layers()) {
    for (const v1::InterfaceLayer& section : layer.interfaces()) {
      if (section.match().types_size() != 0) interfaces.may_surprise = true;
      for (const std::string& name : section.match().names()) {
        if (absl::EndsWith(name, "*")) {
          interfaces.may_surprise = true;
        } else if (!types.contains(name) && !TypeMatters(location, name)) {
          types.emplace(name, "");
        }
      }
    }
  }
  for (const auto& [name, type] : types) interfaces.known.push_back({name, type});
  return interfaces;
}

bool RestrictsOutbound(const v1::Settings& settings) {
  const auto& items = settings.outbound().items();
  return settings.outbound_default() == v1::Traffic::block ||
         std::any_of(items.begin(), items.end(), [](const v1::Mapping& mapping) {
           return mapping.action() == v1::Traffic::block;
         });
}

// Of an interface that the agent has not seen and that a section might mean: nothing is open on it,
// and nothing new leaves by it if anything at the location is kept from leaving.
Profile UnseenProfileOf(const v1::EffectiveLocation& location) {
  Profile profile;
  for (const v1::Layer& layer : location.layers()) {
    bool restricts = RestrictsOutbound(layer.settings());
    for (const v1::InterfaceLayer& section : layer.interfaces()) {
      restricts = restricts || RestrictsOutbound(section.settings());
    }
    if (restricts) profile.outbound_default = v1::Traffic::block;
  }
  return profile;
}

// Whether what the mappings of a list become is the same for both.
bool SameVerdicts(const Profile& a, const Profile& b) {
  return a.firewall == b.firewall && a.outbound_default == b.outbound_default;
}

// The chains of one location in one direction, in.LOCATION or out.LOCATION first among them.
void CompileLocation(const v1::EffectiveLocation& location, std::span<const Interface> present,
                     const Direction& direction, RulesOf rules_of, TableBuilder& table) {
  const std::string scope = absl::StrCat(direction.name, ".", location.name());
  const Interfaces interfaces = InterfacesAt(location, present);
  const Profile base = BaseProfileOf(location);
  std::vector<ruleset::Element> dispatch;
  for (const Interface& interface : interfaces.known) {
    const Profile profile = ProfileOf(location, interface.name, interface.type);
    const bool own = !profile.IsBase();
    if (!own && !interfaces.may_surprise) continue;
    const std::string chain =
        absl::StrCat(scope, ".", own ? SectionsName(profile.sections) : "others");
    const bool own_list = (&direction == &kInbound ? profile.own_inbound : profile.own_outbound) ||
                          !SameVerdicts(profile, base);
    if (!table.HasChain(chain)) {
      table.AddChain(chain).rules = rules_of(profile, own_list ? chain : scope, table);
    }
    dispatch.push_back({.key = KeyInterfaceName(interface.name), .value = GoTo(chain)});
  }

  std::vector<Rule> rules;
  if (!dispatch.empty()) {
    const std::string name = scope + ".interfaces";
    ruleset::Set& map = table.AddSet(name);
    map.key = {Field::kInterfaceName};
    map.verdict_map = true;
    map.elements = std::move(dispatch);
    rules.push_back(MakeRule({LookUpInterface(direction, name)}));
  }
  const Profile rest = interfaces.may_surprise ? UnseenProfileOf(location) : base;
  std::vector<Rule> judged = rules_of(rest, scope, table);
  rules.insert(rules.end(), judged.begin(), judged.end());
  table.AddChain(scope).rules = std::move(rules);
}

void CompileDirection(const v1::EffectivePolicy& policy, std::span<const Interface> present,
                      const Direction& direction, RulesOf rules_of, TableBuilder& table) {
  std::vector<Rule> rules;
  rules.push_back(MakeRule({IsState(NF_CT_STATE_BIT(IP_CT_ESTABLISHED))}, Accept()));
  rules.push_back(MakeRule({IsLoopback(direction)}, Accept()));
  for (const v1::EffectiveLocation& location : policy.locations()) {
    CompileLocation(location, present, direction, rules_of, table);
    if (location.name() == kElsewhere) continue;
    rules.push_back(MakeRule({IsInterfaceIn(direction, LocationSetName(location.name()))},
                             GoTo(absl::StrCat(direction.name, ".", location.name()))));
  }
  rules.push_back(MakeRule({}, GoTo(absl::StrCat(direction.name, ".", kElsewhere))));
  ruleset::Chain& chain = table.AddChain(direction.chain);
  chain.hook = {
      .number = direction.hook, .priority = NF_IP_PRI_FILTER, .policy = NF_DROP, .type = "filter"};
  chain.rules = std::move(rules);
}

ruleset::Ruleset CompileTo(const v1::EffectivePolicy& policy, std::span<const Interface> interfaces,
                           Origins* origins) {
  if (!policy.managed()) return {};
  TableBuilder table(origins);
  for (const v1::EffectiveLocation& location : policy.locations()) {
    if (location.name() == kElsewhere) continue;
    ruleset::Set& set = table.AddSet(LocationSetName(location.name()));
    set.key = {Field::kInterfaceIndex};
    set.dynamic = true;
  }
  CompileDirection(policy, interfaces, kInbound, InboundRules, table);
  CompileDirection(policy, interfaces, kOutbound, OutboundRules, table);
  return {.inet = std::move(table).Finish()};
}

}  // namespace

std::string LocationSetName(const std::string& location) { return absl::StrCat("at.", location); }

ruleset::Ruleset Compile(const v1::EffectivePolicy& policy, std::span<const Interface> interfaces) {
  return CompileTo(policy, interfaces, nullptr);
}

ruleset::Ruleset Compile(const v1::EffectivePolicy& policy, std::span<const Interface> interfaces,
                         Origins& origins) {
  return CompileTo(policy, interfaces, &origins);
}

}  // namespace firebreak::policy
