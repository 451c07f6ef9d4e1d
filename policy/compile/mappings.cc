#include "policy/compile/mappings.h"

#include <linux/netfilter.h>

#include <array>
#include <utility>

#include "policy/compile/admission.h"
#include "policy/compile/flatten.h"

namespace firebreak::policy {
namespace {

using ruleset::Field;

// One map, made when the first element comes.
class VerdictMap {
 public:
  VerdictMap(const ObjectName& name, std::vector<Field> key, bool interval)
      : name_(name.Text()), key_(std::move(key)), interval_(interval) {}

  // `last` is empty in a map without intervals.
  void Add(const std::string& first, const std::string& last, const ruleset::Verdict& verdict,
           const v1::Mapping& mapping, TableBuilder& table) {
    const std::string key = first + last;
    elements_.emplace_back(key, verdict);
    table.NoteOrigin(name_, key, mapping);
  }

  bool empty() const { return elements_.empty(); }
  const std::string& name() const { return name_; }

  void MoveTo(TableBuilder& table) {
    if (empty()) return;
    table.AddSet(name_, {.key = std::move(key_),
                         .interval = interval_,
                         .verdict_map = true,
                         .elements = std::move(elements_)});
  }

 private:
  std::string name_;
  std::vector<Field> key_;
  bool interval_;
  std::vector<ruleset::Element> elements_;
};

// The maps of one list of mappings.
class Maps {
 public:
  explicit Maps(const ObjectName& scope)
      : sources4_(scope / "sources4", {Field::kProtocol, Field::kPort, Field::kIpv4Address},
                  /*interval=*/true),
        sources6_(scope / "sources6", {Field::kProtocol, Field::kPort, Field::kIpv6Address},
                  /*interval=*/true),
        hosts4_(scope / "hosts4", {Field::kProtocol, Field::kIpv4Address}, /*interval=*/true),
        hosts6_(scope / "hosts6", {Field::kProtocol, Field::kIpv6Address}, /*interval=*/true),
        ports_(scope / "ports", {Field::kProtocol, Field::kPort}, /*interval=*/false),
        ranges_(scope / "ranges", {Field::kProtocol, Field::kPort}, /*interval=*/true),
        protocols_(scope / "protocols", {Field::kProtocol}, /*interval=*/false) {}

  void Add(const Piece& piece, const ruleset::Verdict& verdict, const v1::Mapping& mapping,
           TableBuilder& table) {
    const std::string protocol = KeyField(piece.protocol);
    const std::string first = protocol + KeyField(piece.first_port);
    const std::string last = protocol + KeyField(piece.last_port);
    const bool any_port = piece.first_port == 0 && piece.last_port == 65535;
    if (!piece.first_address.empty() && any_port) {
      VerdictMap& map = piece.first_address.size() == 4 ? hosts4_ : hosts6_;
      map.Add(protocol + piece.first_address, protocol + piece.last_address, verdict, mapping,
              table);
    } else if (!piece.first_address.empty()) {
      VerdictMap& map = piece.first_address.size() == 4 ? sources4_ : sources6_;
      map.Add(first + piece.first_address, last + piece.last_address, verdict, mapping, table);
    } else if (piece.first_port == piece.last_port) {
      ports_.Add(first, "", verdict, mapping, table);
    } else if (any_port) {
      protocols_.Add(KeyField(piece.protocol).substr(0, 1), "", verdict, mapping, table);
    } else {
      ranges_.Add(first, last, verdict, mapping, table);
    }
  }

  // Those with addresses first: they except what the others say for any address.
  std::vector<ruleset::Rule> LookUps(const Direction& direction) const {
    std::vector<ruleset::Rule> rules;
    for (const auto& [family, sources, hosts] : ByFamily()) {
      if (sources->empty()) continue;
      rules.push_back(MakeRule({LookUpPortAndRemote(direction, family, sources->name())}));
    }
    for (const auto& [family, sources, hosts] : ByFamily()) {
      if (hosts->empty()) continue;
      rules.push_back(MakeRule({LookUpRemote(direction, family, hosts->name())}));
    }
    if (!ports_.empty()) rules.push_back(MakeRule({LookUpPort(ports_.name())}));
    if (!ranges_.empty()) rules.push_back(MakeRule({LookUpPort(ranges_.name())}));
    if (!protocols_.empty()) rules.push_back(MakeRule({LookUpProtocol(protocols_.name())}));
    return rules;
  }

  // The same of what conntrack remembers of the flow's first packet.
  std::vector<ruleset::Rule> LookUpsOfOriginal() const {
    const auto in = [](const VerdictMap& map) {
      return Match{ruleset::Lookup{map.name(), 0, /*verdict_map=*/true}};
    };
    std::vector<ruleset::Rule> rules;
    for (const auto& [family, sources, hosts] : ByFamily()) {
      if (sources->empty()) continue;
      rules.push_back(MakeRule({OriginalPortAndSource(family), in(*sources)}));
    }
    for (const auto& [family, sources, hosts] : ByFamily()) {
      if (hosts->empty()) continue;
      rules.push_back(MakeRule({OriginalSource(family), in(*hosts)}));
    }
    if (!ports_.empty()) rules.push_back(MakeRule({OriginalPort(), in(ports_)}));
    if (!ranges_.empty()) rules.push_back(MakeRule({OriginalPort(), in(ranges_)}));
    if (!protocols_.empty()) rules.push_back(MakeRule({LookUpProtocol(protocols_.name())}));
    return rules;
  }

  void MoveTo(TableBuilder& table) {
    for (VerdictMap* map :
         {&sources4_, &sources6_, &hosts4_, &hosts6_, &ports_, &ranges_, &protocols_}) {
      map->MoveTo(table);
    }
  }

 private:
  struct OfFamily {
    uint8_t family;
    const VerdictMap* sources;
    const VerdictMap* hosts;
  };
  std::array<OfFamily, 2> ByFamily() const {
    return {OfFamily{NFPROTO_IPV4, &sources4_, &hosts4_},
            OfFamily{NFPROTO_IPV6, &sources6_, &hosts6_}};
  }

  VerdictMap sources4_, sources6_;
  // Of protocols without ports, whose packets may be too short to be asked for one.
  VerdictMap hosts4_, hosts6_;
  VerdictMap ports_, ranges_, protocols_;
};

Maps MapsOf(const Profile& profile, const Direction& direction, const ObjectName& scope,
            TableBuilder& table) {
  const bool inbound = &direction == &kInbound;
  const std::vector<const v1::Mapping*>& mappings = inbound ? profile.inbound : profile.outbound;
  const v1::Traffic::Action fallback = inbound || profile.outbound_default == v1::Traffic::block
                                           ? v1::Traffic::block
                                           : v1::Traffic::allow;
  const bool observe = profile.firewall == v1::Firewall::observe;
  Maps maps(scope);
  for (const Piece& piece : Flatten(mappings, fallback)) {
    const v1::Mapping& mapping = *mappings[piece.mapping];
    const ruleset::Verdict verdict =
        mapping.action() == v1::Traffic::block
            ? table.Refuse("blocked", observe)
            : Admit(profile, piece.protocol, piece.first_port, piece.last_port, table);
    maps.Add(piece, verdict, mapping, table);
  }
  return maps;
}

}  // namespace

std::vector<ruleset::Rule> CompileMappings(const Profile& profile, const Direction& direction,
                                           const ObjectName& scope, TableBuilder& table) {
  Maps maps = MapsOf(profile, direction, scope, table);
  std::vector<ruleset::Rule> rules = maps.LookUps(direction);
  maps.MoveTo(table);
  return rules;
}

ruleset::Verdict AdmitForwarded(const Profile& profile, const ObjectName& scope, bool observe,
                                TableBuilder& table) {
  const std::string name = (scope / "forwarded").Text();
  Maps maps = MapsOf(profile, kInbound, scope, table);
  std::vector<ruleset::Rule> rules = maps.LookUpsOfOriginal();
  maps.MoveTo(table);
  rules.push_back(MakeRule({}, table.Refuse("unsolicited", observe)));
  table.AddChain(name, std::move(rules));
  return GoTo(name);
}

}  // namespace firebreak::policy
