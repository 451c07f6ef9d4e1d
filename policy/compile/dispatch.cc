// SPDX-License-Identifier: Apache-2.0
#include "policy/compile/dispatch.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "policy/compile/responses.h"
#include "policy/resources/elsewhere.h"

namespace firebreak::policy {
namespace {

using ruleset::Field;
using ruleset::Rule;

// Returns a name for the interfaces for which these sections hold, made of the sections' indices:
// "s0-2_3-0" for the third section of the first layer and the first section of the fourth.
std::string SectionsName(const std::vector<int>& sections) {
  std::string name = "s";
  for (size_t i = 0; i < sections.size(); ++i) {
    if (sections[i] >= 0) absl::StrAppend(&name, i, "-", sections[i], "_");
  }
  name.pop_back();
  return name;
}

// The interfaces that a location's rules must tell apart.
struct Interfaces {
  std::vector<Interface> known;  // existing, or named by a section
  // Whether a section could match an interface that is not in `known`, by type or by pattern. Such
  // an interface gets a chain that opens nothing until the agent has seen it.
  bool may_surprise = false;
};

// Whether a section with types may match an interface of this name, whose type is not known because
// it does not exist yet.
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

Interfaces InterfacesAt(const Subject& subject, const v1::EffectiveLocation& location) {
  Interfaces interfaces;
  std::map<std::string, std::string> types;
  for (const Interface& interface : subject.interfaces) types[interface.name] = interface.type;
  for (const std::string& name : subject.sharing.private_()) types.emplace(name, "");
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
         settings.outbound_default() == v1::Traffic::reject ||
         std::any_of(items.begin(), items.end(), [](const v1::Mapping& mapping) {
           return mapping.action() != v1::Traffic::allow;
         });
}

// Returns the profile for interfaces that the agent has not seen and that a section might match.
// Nothing is open on them, and no new flow may leave by them if the location restricts outbound
// flows at all.
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

// Whether both profiles lead to the same verdicts for a given list of mappings.
bool SameVerdicts(const Profile& a, const Profile& b) {
  return a.firewall == b.firewall && a.outbound_default == b.outbound_default &&
         a.unsolicited == b.unsolicited && WantsResponses(a) == WantsResponses(b);
}

// Private interfaces of sharing have no firewall. Packets from outside are judged at the public
// interface.
bool IsPrivate(const Subject& subject, const std::string& name) {
  const auto& names = subject.sharing.private_();
  return std::find(names.begin(), names.end(), name) != names.end();
}

Profile PrivateProfile() {
  Profile profile;
  profile.firewall = v1::Firewall::off;
  return profile;
}

std::string SuffixOf(const Subject& subject, const Interface& interface,
                     const std::vector<int>& sections) {
  if (IsPrivate(subject, interface.name)) return "private";
  return IsBase(sections) ? "others" : SectionsName(sections);
}

ObjectName ScopeOf(const v1::EffectiveLocation& location, const Profile& profile,
                   const std::string& suffix, const Direction& direction) {
  const ObjectName top = ObjectName(direction.name) / location.name();
  const bool own_list = (&direction == &kOutbound ? profile.own_outbound : profile.own_inbound) ||
                        !SameVerdicts(profile, BaseProfileOf(location));
  return own_list ? top / suffix : top;
}

// Adds the chain NAME/LOCATION, and chains for the location's interfaces that other rules hold for.
void CompileLocation(const Subject& subject, const v1::EffectiveLocation& location,
                     const std::string& name, const Direction& direction, const RulesOf& rules_of,
                     TableBuilder& table) {
  const ObjectName top = ObjectName(name) / location.name();
  const ObjectName scope = ObjectName(direction.name) / location.name();
  const Interfaces interfaces = InterfacesAt(subject, location);
  std::vector<ruleset::Element> dispatch;
  std::set<std::string> made;
  for (const Interface& interface : interfaces.known) {
    const std::string suffix =
        SuffixOf(subject, interface, SectionsOf(location, interface.name, interface.type));
    if (suffix == "others" && !interfaces.may_surprise) continue;
    const std::string chain = (top / suffix).Text();
    if (made.insert(chain).second) {
      const Profile profile = ProfileFor(subject, location, interface);
      table.AddChain(chain, rules_of(profile, ScopeOf(location, profile, suffix, direction)));
    }
    dispatch.emplace_back(KeyInterfaceName(interface.name), GoTo(chain));
  }

  std::vector<Rule> rules;
  if (!dispatch.empty()) {
    const std::string map_name = (top / "interfaces").Text();
    table.AddSet(
        map_name,
        {.key = {Field::kInterfaceName}, .verdict_map = true, .elements = std::move(dispatch)});
    rules.push_back(MakeRule({LookUpInterface(direction, map_name)}));
  }
  std::vector<Rule> judged = interfaces.may_surprise
                                 ? rules_of(UnseenProfileOf(location), scope / "unseen")
                                 : rules_of(BaseProfileOf(location), scope);
  rules.insert(rules.end(), judged.begin(), judged.end());
  table.AddChain(top.Text(), std::move(rules));
}

}  // namespace

std::vector<Rule> Dispatch(const Subject& subject, const std::string& name,
                           const Direction& direction, const RulesOf& rules_of,
                           TableBuilder& table) {
  std::vector<Rule> rules;
  for (const v1::EffectiveLocation& location : subject.policy.locations()) {
    CompileLocation(subject, location, name, direction, rules_of, table);
    if (location.name() == kElsewhere) continue;
    rules.push_back(MakeRule({IsInterfaceIn(direction, LocationSetName(location.name()))},
                             GoTo((ObjectName(name) / location.name()).Text())));
  }
  rules.push_back(MakeRule({}, GoTo((ObjectName(name) / kElsewhere).Text())));
  return rules;
}

Profile ProfileFor(const Subject& subject, const v1::EffectiveLocation& location,
                   const Interface& interface) {
  return IsPrivate(subject, interface.name) ? PrivateProfile()
                                            : ProfileOf(location, interface.name, interface.type);
}

v1::Firewall::Mode FirewallFor(const Subject& subject, const v1::EffectiveLocation& location,
                               const Interface& interface) {
  return IsPrivate(subject, interface.name) ? PrivateProfile().firewall
                                            : FirewallOf(location, interface.name, interface.type);
}

ObjectName ScopeOf(const Subject& subject, const v1::EffectiveLocation& location,
                   const Direction& direction, const Interface& interface) {
  const Profile profile = ProfileFor(subject, location, interface);
  return ScopeOf(location, profile, SuffixOf(subject, interface, profile.sections), direction);
}

bool AnyProfile(const Subject& subject, const std::function<bool(const Profile&)>& holds) {
  for (const v1::EffectiveLocation& location : subject.policy.locations()) {
    if (holds(BaseProfileOf(location))) return true;
    std::set<std::vector<int>> seen;
    for (const Interface& interface : InterfacesAt(subject, location).known) {
      const bool news = seen.insert(SectionsOf(location, interface.name, interface.type)).second;
      if (news && holds(ProfileOf(location, interface.name, interface.type))) return true;
    }
  }
  return false;
}

absl::Status CheckScopes(const v1::EffectivePolicy& policy, std::span<const Interface> interfaces) {
  // Each takes some two hundred rules, whether it says much or little.
  constexpr size_t kMostScopes = 1'024;
  // Looks at an interface whether a section means it, for one of a dozen chains.
  constexpr size_t kMostLooks = 10'000'000;
  const v1::Sharing none;
  const Subject subject = {policy, interfaces, none, PortSpan()};
  size_t scopes = 0, looks = 0;
  for (const v1::EffectiveLocation& location : policy.locations()) {
    size_t named = 0;
    for (const v1::Layer& layer : location.layers()) {
      for (const v1::InterfaceLayer& section : layer.interfaces()) {
        named += static_cast<size_t>(section.match().names_size() + section.match().types_size());
      }
    }
    looks += named * (named + interfaces.size());
    if (looks <= kMostLooks) {
      std::set<std::vector<int>> different;
      for (const Interface& interface : InterfacesAt(subject, location).known) {
        different.insert(SectionsOf(location, interface.name, interface.type));
      }
      scopes += different.size() + 1;
    }
    if (looks <= kMostLooks && scopes <= kMostScopes) continue;
    return absl::ResourceExhaustedError(absl::StrCat(
        "the sections for interfaces and the locations are too many: they come to more than ",
        kMostScopes, " lists of rules for one host, or name too many interfaces (seen at location ",
        location.name(), "); let fewer sections say the same of more interfaces"));
  }
  return absl::OkStatus();
}

}  // namespace firebreak::policy
