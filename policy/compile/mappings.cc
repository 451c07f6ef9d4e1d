// SPDX-License-Identifier: Apache-2.0
#include "policy/compile/mappings.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "policy/compile/flatten.h"
#include "policy/compile/mapping_verdict.h"
#include "policy/compile/responses.h"
#include "policy/compile/rule_match.h"

namespace firebreak::policy {
namespace {

using ruleset::Bytes;
using ruleset::Field;
using ruleset::Rule;

// A verdict map under construction.
struct VerdictMap {
  std::string name;
  std::vector<Field> key;
  bool interval = false;
  std::vector<ruleset::Element> elements = {};

  void MoveTo(TableBuilder& table) {
    table.AddSet(name, {.key = std::move(key),
                        .interval = interval,
                        .verdict_map = true,
                        .elements = std::move(elements)});
  }
};

// Verdicts by protocol and port, in as many maps as needed. Single ports are in a hash table,
// ranges in a tree for each protocol, and protocols without ports, or with all ports, in a hash
// table.
class PortMaps {
 public:
  PortMaps(const ObjectName& ports, const ObjectName& ranges, const ObjectName& protocols)
      : ranges_name_(ranges),
        ports_{.name = ports.Text(), .key = {Field::kProtocol, Field::kPort}},
        protocols_{.name = protocols.Text(), .key = {Field::kProtocol}} {}

  // Returns the map and key of the piece's element. Pieces with the same ports have the same.
  std::pair<std::string, Bytes> PlaceOf(const Piece& piece) const {
    const Bytes protocol = KeyField(piece.protocol);
    if (piece.first_port == 0 && piece.last_port == 65535) {
      return {protocols_.name, protocol.substr(0, 1)};
    }
    if (piece.first_port == piece.last_port) {
      return {ports_.name, protocol + KeyField(piece.first_port)};
    }
    return {RangesName(piece.protocol),
            KeyField(piece.first_port).substr(0, 2) + KeyField(piece.last_port).substr(0, 2)};
  }

  void Add(const Piece& piece, const ruleset::Verdict& verdict) {
    const auto [name, key] = PlaceOf(piece);
    VerdictMap* map = &ports_;
    if (name == protocols_.name) map = &protocols_;
    if (name != ports_.name && name != protocols_.name) {
      map = &ranges_[piece.protocol];
      if (map->name.empty()) *map = {.name = name, .key = {Field::kPort}, .interval = true};
    }
    map->elements.emplace_back(key, verdict);
  }

  // `port` loads protocol and port into the registers 0 and 1.
  std::vector<Rule> LookUps(const Match& port) const {
    std::vector<Rule> rules;
    const auto in = [](const std::string& map, ruleset::Register from) {
      return Match{ruleset::Lookup{map, from, /*verdict_map=*/true}};
    };
    if (!ports_.elements.empty()) rules.push_back(MakeRule({port, in(ports_.name, 0)}));
    for (const auto& [protocol, map] : ranges_) {
      rules.push_back(MakeRule({IsProtocol(protocol), port, in(map.name, 1)}));
    }
    // Looked up without a port, because packets of protocols without ports may be too short to read
    // one from.
    if (!protocols_.elements.empty()) {
      rules.push_back(MakeRule({LookUpProtocol(protocols_.name)}));
    }
    return rules;
  }

  void MoveTo(TableBuilder& table) && {
    for (VerdictMap* map : {&ports_, &protocols_}) {
      if (!map->elements.empty()) map->MoveTo(table);
    }
    for (auto& [protocol, map] : ranges_) map.MoveTo(table);
  }

 private:
  std::string RangesName(uint8_t protocol) const {
    return (ranges_name_ / absl::StrCat(protocol)).Text();
  }

  const ObjectName ranges_name_;
  VerdictMap ports_;
  std::map<uint8_t, VerdictMap> ranges_;
  VerdictMap protocols_;
};

// The maps of one list of mappings. A packet's port is looked up first. Where mappings have
// prefixes for the port, the verdict jumps to a chain that looks up the remote address and returns
// if no prefix matches. So each prefix is one element of a tree, however many mappings there are.
class Maps {
 public:
  Maps(const ObjectName& scope, const View& view)
      : scope_(scope),
        view_(view),
        remote_(scope / "remote-ports", scope / "remote-ranges", scope / "remote-protocols"),
        any_(scope / "ports", scope / "ranges", scope / "protocols") {}

  void Add(const Piece& piece, const ruleset::Verdict& verdict, const v1::Mapping& mapping,
           TableBuilder& table) {
    if (piece.first_address.empty()) {
      const auto [map, key] = any_.PlaceOf(piece);
      table.NoteOrigin(map, key, mapping);
      any_.Add(piece, verdict);
      return;
    }
    const bool sole = piece.sole && IsFirstOfItsName(mapping);
    const ObjectName group = sole ? GroupOf(mapping, verdict) : GroupOf(piece);
    const std::string chain = (scope_ / "remote" / group.Text()).Text();
    if (jumps_.emplace(remote_.PlaceOf(piece), chain).second) {
      remote_.Add(piece, {.code = NFT_JUMP, .chain = chain});
    }
    const uint8_t family = piece.first_address.size() == 4 ? NFPROTO_IPV4 : NFPROTO_IPV6;
    const auto [at, added] = addresses_[chain].try_emplace(family);
    VerdictMap& map = at->second;
    if (added) {
      map = {
          .name = (scope_ / (family == NFPROTO_IPV4 ? "addresses4" : "addresses6") / group.Text())
                      .Text(),
          .key = {family == NFPROTO_IPV4 ? Field::kIpv4Address : Field::kIpv6Address},
          .interval = true};
    }
    const Bytes key = piece.first_address + piece.last_address;
    // A mapping that is alone on its ports gives the same element for each port; add it once.
    if (sole && !seen_.emplace(map.name, key).second) return;
    table.NoteOrigin(map.name, key, mapping);
    map.elements.emplace_back(key, verdict);
  }

  // Pieces with addresses are exceptions to the pieces for any address, so they are looked up
  // first.
  std::vector<Rule> LookUps() const {
    std::vector<Rule> rules = remote_.LookUps(view_.Port());
    Append(rules, any_.LookUps(view_.Port()));
    return rules;
  }

  void MoveTo(TableBuilder& table) && {
    for (auto& [chain, maps] : addresses_) {
      std::vector<Rule> rules;
      for (auto& [family, map] : maps) {
        rules.push_back(MakeRule({view_.Remote(family), {ruleset::Lookup{map.name, 0, true}}}));
        map.MoveTo(table);
      }
      table.AddChain(chain, std::move(rules));
    }
    std::move(remote_).MoveTo(table);
    std::move(any_).MoveTo(table);
  }

 private:
  // A mapping that is alone on its ports has one set of addresses for all of them. Other mappings
  // have one for each range of ports.
  static ObjectName GroupOf(const v1::Mapping& mapping, const ruleset::Verdict& verdict) {
    return ObjectName(mapping.policy()) / mapping.name() / verdict.chain;
  }
  static ObjectName GroupOf(const Piece& piece) {
    return ObjectName(absl::StrCat(piece.protocol, "-", piece.first_port, "-", piece.last_port));
  }

  // If several mappings of a list had the same name, which a checked policy excludes, only the
  // first would get a set by its name.
  bool IsFirstOfItsName(const v1::Mapping& mapping) {
    const std::pair name(mapping.policy(), mapping.name());
    return first_of_name_.try_emplace(name, &mapping).first->second == &mapping;
  }

  const ObjectName scope_;
  const View view_;
  PortMaps remote_, any_;
  std::map<std::pair<std::string, Bytes>, std::string> jumps_;
  std::map<std::string, std::map<uint8_t, VerdictMap>> addresses_;  // by chain, by family
  std::set<std::pair<std::string, Bytes>> seen_;
  std::map<std::pair<std::string, std::string>, const v1::Mapping*> first_of_name_;
};

// Returns the action for packets that no mapping decides about. Mappings with the same action can
// be left out, unless something behind them lets more in.
v1::Traffic::Action FallbackOf(const Profile& profile, bool inbound) {
  if (!inbound) return profile.outbound_default;
  return profile.unsolicited == v1::Unsolicited::reject || WantsResponses(profile)
             ? v1::Traffic::unspecified
             : v1::Traffic::block;
}

// Adds the maps of the profile's mappings to the table and returns the rules that look packets up
// in them.
std::vector<Rule> LookUpsOf(const Profile& profile, const View& view, const ObjectName& scope,
                            TableBuilder& table) {
  const bool inbound = view.direction == &kInbound;
  const std::vector<Part>& parts =
      table.PartsFor(scope, inbound ? profile.inbound : profile.outbound);
  std::vector<Rule> rules;
  for (size_t i = 0; i < parts.size(); ++i) {
    const Part& part = parts[i];
    const ObjectName here = PartName(scope, i);
    // Only behind the last part does nothing follow but the fallback.
    const v1::Traffic::Action fallback =
        i + 1 == parts.size() && !(inbound && table.keeps_refusals()) ? FallbackOf(profile, inbound)
                                                                      : v1::Traffic::unspecified;
    Maps maps(here, view);
    for (const Piece& piece : table.PiecesOf(here, part.plain, fallback)) {
      const v1::Mapping& mapping = *part.plain[piece.mapping];
      const Ports16 ports = {piece.protocol, piece.first_port, piece.last_port};
      maps.Add(piece, VerdictOf(profile, mapping, ports, *view.direction, scope, table), mapping,
               table);
    }
    Append(rules, maps.LookUps());
    std::move(maps).MoveTo(table);
    if (part.rich != nullptr) Append(rules, RichRules(profile, *part.rich, view, scope, table));
  }
  return rules;
}

}  // namespace

ObjectName PartName(const ObjectName& scope, size_t part) {
  return part == 0 ? scope : scope / "part" / absl::StrCat(part);
}

ruleset::Verdict RefuseUnsolicited(const Profile& profile, TableBuilder& table) {
  const bool observe = profile.firewall == v1::Firewall::observe;
  return profile.unsolicited == v1::Unsolicited::reject
             ? table.Reject("unsolicited-rejected", observe)
             : table.Refuse("unsolicited", observe);
}

std::vector<Rule> CompileMappings(const Profile& profile, const Direction& direction,
                                  const ObjectName& scope, TableBuilder& table) {
  return LookUpsOf(profile, {.direction = &direction}, scope, table);
}

std::vector<Rule> CompileForwarded(const Profile& profile, const ObjectName& scope,
                                   TableBuilder& table) {
  return LookUpsOf(profile, {.original = true}, scope, table);
}

ruleset::Verdict AdmitForwarded(const Profile& profile, const ObjectName& scope,
                                TableBuilder& table) {
  const std::string name = (scope / "forwarded").Text();
  std::vector<Rule> rules = CompileForwarded(profile, scope, table);
  rules.push_back(MakeRule({}, RefuseUnsolicited(profile, table)));
  table.AddChain(name, std::move(rules));
  return GoTo(name);
}

}  // namespace firebreak::policy
