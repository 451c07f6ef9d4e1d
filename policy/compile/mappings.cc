#include "policy/compile/mappings.h"

#include <linux/netfilter.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "policy/compile/flatten.h"

namespace firebreak::policy {
namespace {

using ruleset::Field;

// One map, made when the first element comes.
class VerdictMap {
 public:
  VerdictMap(std::string name, std::vector<Field> key, bool interval)
      : name_(std::move(name)), key_(std::move(key)), interval_(interval) {}

  // `last` is empty in a map without intervals.
  void Add(const std::string& first, const std::string& last, ruleset::Verdict verdict,
           const v1::Mapping& mapping, TableBuilder& table) {
    elements_.push_back({first + last, std::move(verdict)});
    table.NoteOrigin(name_, elements_.back().key, mapping);
  }

  bool empty() const { return elements_.empty(); }
  const std::string& name() const { return name_; }

  void MoveTo(TableBuilder& table) {
    if (empty()) return;
    ruleset::Set& set = table.AddSet(name_);
    set.key = std::move(key_);
    set.interval = interval_;
    set.verdict_map = true;
    set.elements = std::move(elements_);
  }

 private:
  std::string name_;
  std::vector<Field> key_;
  bool interval_;
  std::vector<ruleset::Element> elements_;
};

}  // namespace

std::vector<ruleset::Rule> CompileMappings(std::span<const v1::Mapping* const> mappings,
                                           v1::Traffic::Action fallback, const Direction& direction,
                                           const std::string& scope, bool observe,
                                           TableBuilder& table) {
  VerdictMap sources4(scope + ".sources4", {Field::kProtocol, Field::kPort, Field::kIpv4Address},
                      /*interval=*/true);
  VerdictMap sources6(scope + ".sources6", {Field::kProtocol, Field::kPort, Field::kIpv6Address},
                      /*interval=*/true);
  // Of protocols without ports, whose packets may be too short to be asked for one.
  VerdictMap hosts4(scope + ".hosts4", {Field::kProtocol, Field::kIpv4Address}, /*interval=*/true);
  VerdictMap hosts6(scope + ".hosts6", {Field::kProtocol, Field::kIpv6Address}, /*interval=*/true);
  VerdictMap ports(scope + ".ports", {Field::kProtocol, Field::kPort}, /*interval=*/false);
  VerdictMap ranges(scope + ".ranges", {Field::kProtocol, Field::kPort}, /*interval=*/true);
  VerdictMap protocols(scope + ".protocols", {Field::kProtocol}, /*interval=*/false);

  for (const Piece& piece : Flatten(mappings, fallback)) {
    const v1::Mapping& mapping = *mappings[piece.mapping];
    const bool allow = mapping.action() != v1::Traffic::block;
    ruleset::Verdict verdict = allow ? Accept() : table.Refuse("blocked", observe);
    const std::string protocol = KeyField(piece.protocol);
    const std::string first = protocol + KeyField(piece.first_port);
    const std::string last = protocol + KeyField(piece.last_port);
    const bool any_port = piece.first_port == 0 && piece.last_port == 65535;
    if (!piece.first_address.empty() && any_port) {
      VerdictMap& map = piece.first_address.size() == 4 ? hosts4 : hosts6;
      map.Add(protocol + piece.first_address, protocol + piece.last_address, std::move(verdict),
              mapping, table);
    } else if (!piece.first_address.empty()) {
      VerdictMap& map = piece.first_address.size() == 4 ? sources4 : sources6;
      map.Add(first + piece.first_address, last + piece.last_address, std::move(verdict), mapping,
              table);
    } else if (piece.first_port == piece.last_port) {
      ports.Add(first, "", std::move(verdict), mapping, table);
    } else if (any_port) {
      protocols.Add(KeyField(piece.protocol).substr(0, 1), "", std::move(verdict), mapping, table);
    } else {
      ranges.Add(first, last, std::move(verdict), mapping, table);
    }
  }

  std::vector<ruleset::Rule> rules;
  // Those with addresses first: they except what the others say for any address.
  if (!sources4.empty()) {
    rules.push_back(MakeRule({LookUpPortAndRemote(direction, NFPROTO_IPV4, sources4.name())}));
  }
  if (!sources6.empty()) {
    rules.push_back(MakeRule({LookUpPortAndRemote(direction, NFPROTO_IPV6, sources6.name())}));
  }
  if (!hosts4.empty()) {
    rules.push_back(MakeRule({LookUpRemote(direction, NFPROTO_IPV4, hosts4.name())}));
  }
  if (!hosts6.empty()) {
    rules.push_back(MakeRule({LookUpRemote(direction, NFPROTO_IPV6, hosts6.name())}));
  }
  if (!ports.empty()) rules.push_back(MakeRule({LookUpPort(ports.name())}));
  if (!ranges.empty()) rules.push_back(MakeRule({LookUpPort(ranges.name())}));
  if (!protocols.empty()) rules.push_back(MakeRule({LookUpProtocol(protocols.name())}));
  for (VerdictMap* map : {&sources4, &sources6, &hosts4, &hosts6, &ports, &ranges, &protocols}) {
    map->MoveTo(table);
  }
  return rules;
}

}  // namespace firebreak::policy
