// SPDX-License-Identifier: Apache-2.0
#include "policy/import/mapping.h"

#include <algorithm>
#include <set>
#include <span>

#include "absl/strings/str_cat.h"
#include "policy/resources/icmp_types.h"
#include "policy/resources/prefix.h"
#include "policy/resources/protocols.h"

namespace firebreak::importer {
namespace {

using InternedStrings = google::protobuf::RepeatedPtrField<std::string>;

constexpr size_t kMostProtocols = 64;  // per rule
constexpr int kMostKinds = 64;         // per mapping

std::string BytesOf(Number number, size_t size) {
  std::string bytes(size, '\0');
  for (size_t i = size; i-- > 0; number >>= 8) {
    bytes[i] = static_cast<char>(absl::Uint128Low64(number) & 0xff);
  }
  return bytes;
}

std::string AddressText(Number number, bool v6) {
  const std::string bytes = BytesOf(number, v6 ? 16 : 4);
  const std::string text = policy::PrefixText({bytes, v6 ? 128 : 32});
  return text.substr(0, text.find('/'));
}

std::string IntervalText(const Interval& interval, bool v6) {
  const Number size = interval.last - interval.first;
  if (size == Number(0)) return AddressText(interval.first, v6);
  const bool power = (size & (size + 1)) == Number(0) && (interval.first & size) == Number(0);
  if (!power) {
    return absl::StrCat(AddressText(interval.first, v6), "-", AddressText(interval.last, v6));
  }
  int bits = 0;
  for (Number left = size; left != Number(0); left >>= 1) ++bits;
  return policy::PrefixText({BytesOf(interval.first, v6 ? 16 : 4), (v6 ? 128 : 32) - bits});
}

void AddPorts(const IntervalSet& ports, const std::string& prefix, InternedStrings& texts) {
  for (Interval interval : ports.intervals()) {
    // No packet is sent to port 0.
    interval.first = std::max(interval.first, Number(1));
    if (interval.first > interval.last) continue;
    const auto first = absl::Uint128Low64(interval.first), last = absl::Uint128Low64(interval.last);
    texts.Add(first == last ? absl::StrCat(prefix, first) : absl::StrCat(prefix, first, "-", last));
  }
}

class MappingWriter {
 public:
  MappingWriter(const Flat& rule, const Scope& scope, Report& report)
      : rule_(rule), match_(rule.match), scope_(scope), report_(report) {}

  std::vector<v1::PortMapping> Write() {
    WriteCommon();
    if (match_.protocols.all()) {
      Add().set_protocol("any");
      return std::move(mappings_);
    }
    if (match_.protocols.count() > kMostProtocols) {
      CannotSay(
          "all protocols but some cannot be said in one mapping; say those before it, or "
          "name the protocols that are meant");
      return {};
    }
    WritePorts();
    for (const int icmp : {kIcmp, kIcmpv6}) {
      if (match_.protocols.test(static_cast<size_t>(icmp))) WriteIcmp(icmp);
    }
    const std::bitset<256> plain = match_.protocols & ~ProtocolsWithPorts();
    for (int protocol = 0; protocol < 256; ++protocol) {
      if (!plain.test(static_cast<size_t>(protocol)) || protocol == kIcmp || protocol == kIcmpv6) {
        continue;
      }
      // Protocol 0 is IPv6's hop-by-hop options, which no flow has.
      if (protocol != 0) Add().set_protocol(policy::ProtocolText(static_cast<uint8_t>(protocol)));
    }
    return std::move(mappings_);
  }

 private:
  bool Accepts() const { return rule_.verdict == Verdict::kAccept; }

  void CannotSay(absl::string_view why) {
    for (const size_t statement : rule_.statements) report_.CannotSay(statement, why);
  }

  v1::PortMapping& Add() {
    mappings_.push_back(common_);
    return mappings_.back();
  }

  void WriteCommon() {
    common_.set_description(rule_.description);
    if (scope_.way == Way::kIn) {
      if (rule_.verdict == Verdict::kDrop) common_.set_action(v1::Traffic::block);
      if (rule_.verdict == Verdict::kReject) common_.set_action(v1::Traffic::reject);
    } else if (rule_.verdict == Verdict::kReject) {
      common_.set_action(v1::Traffic::reject);
    }
    Narrow();
    WriteAddresses();
    if (Accepts() && (!rule_.target.empty() || rule_.port != 0))
      common_.set_forward_to(ForwardTo());
    WriteLimits();
    if (match_.users.has_value()) AddAll(*match_.users, *common_.mutable_users());
    if (match_.user_groups.has_value()) AddAll(*match_.user_groups, *common_.mutable_user_groups());
    if (scope_.way == Way::kThrough) {
      WriteInterfaces(match_.in, [&] { return common_.mutable_in(); });
      WriteInterfaces(match_.out, [&] { return common_.mutable_out(); });
    }
  }

  std::string ForwardTo() const {
    const bool v6 = rule_.target.find(':') != std::string::npos;
    const std::string address =
        v6 && rule_.port != 0 ? absl::StrCat("[", rule_.target, "]") : rule_.target;
    return rule_.port == 0 ? address : absl::StrCat(address, ":", rule_.port);
  }

  static void AddAll(const std::vector<std::string>& from, InternedStrings& to) {
    for (const std::string& one : from) to.Add(std::string(one));
  }

  template <typename GetMatch>
  void WriteInterfaces(const Interfaces& interfaces, GetMatch get) {
    if (interfaces.included.has_value()) AddAll(*interfaces.included, *get()->mutable_names());
  }

  // Narrows the addresses to the kinds of destination that are meant.
  void Narrow() {
    const uint8_t all = PacketsOf(scope_.way, true, true, false).destinations;
    const uint8_t meant = match_.destinations & all;
    if (meant == all) return;
    const IntervalSet groups4 = IntervalSet::Of(0xe0000000u, 0xefffffffu);
    const Number first6 = Number(0xff) << 120;
    const IntervalSet groups6 = IntervalSet::Of(first6, absl::Uint128Max());
    const IntervalSet everybody = IntervalSet::Of(0xffffffffu, 0xffffffffu);
    IntervalSet v4, v6;
    if ((meant & (kOwn | kElsewhere)) != 0) {
      v4 = AllV4().Without(groups4).Without(everybody);
      v6 = AllV6().Without(groups6);
    }
    if ((meant & kMulticast) != 0) {
      v4 = v4.Unite(groups4);
      v6 = v6.Unite(groups6);
    }
    if ((meant & kBroadcast) != 0) v4 = v4.Unite(everybody);
    const bool own = (meant & kOwn) != 0;
    if (own && (meant & kBroadcast) == 0 && Accepts()) {
      report_.Note(
          "what is let in for addresses of the host itself is let in for the broadcast addresses "
          "of "
          "its networks too");
    } else if (((meant & kBroadcast) != 0) != own && scope_.way == Way::kIn) {
      CannotSay(
          "the broadcast address of a network is not known here, only 255.255.255.255: add it "
          "to `to`");
    }
    match_.to = {match_.to.v4.Intersect(v4), match_.to.v6.Intersect(v6)};
    Normalise(match_);
  }

  // The text of one family's addresses: a list, or exceptions from all addresses.
  struct Written {
    bool present = false;
    std::vector<std::string> list = {}, except = {};
  };

  // A list without addresses of a family leaves this family out, but an empty list means all
  // addresses. So a family that is not meant must be left out by a list on one of the sides.
  void WriteAddresses() {
    const Written from[] = {Spell(match_.from.v4, AllV4(), false),
                            Spell(match_.from.v6, AllV6(), true)};
    const Written to[] = {Spell(match_.to.v4, AllV4(), false), Spell(match_.to.v6, AllV6(), true)};
    const bool lacks = (scope_.v4 && !match_.HasV4()) || (scope_.v6 && !match_.HasV6());
    const bool of_one_family = match_.protocols.count() == 1 &&
                               (match_.protocols.test(kIcmp) || match_.protocols.test(kIcmpv6));
    const bool bare = lacks && !of_one_family && !HasList(from) && !HasList(to);
    const bool by_from = scope_.way != Way::kOut;
    WriteSide(from, bare && by_from, *common_.mutable_from(), *common_.mutable_from_except());
    WriteSide(to, bare && !by_from, *common_.mutable_to(), *common_.mutable_to_except());
  }

  static Written Spell(const IntervalSet& addresses, const IntervalSet& all, bool v6) {
    Written written = {.present = !addresses.empty()};
    if (addresses.empty() || addresses == all) return written;
    const std::vector<std::string> in = AddressTexts(addresses, v6);
    const std::vector<std::string> out = AddressTexts(all.Without(addresses), v6);
    // Exceptions read better than the ranges around them.
    const bool ranges = std::any_of(in.begin(), in.end(), [](const std::string& text) {
      return text.find('-') != std::string::npos;
    });
    const bool as_exception = out.size() < in.size() || (ranges && out.size() <= in.size());
    (as_exception ? written.except : written.list) = as_exception ? out : in;
    return written;
  }

  static bool HasList(std::span<const Written> families) {
    return std::any_of(families.begin(), families.end(),
                       [](const Written& one) { return !one.list.empty(); });
  }

  static void WriteSide(std::span<const Written, 2> families, bool always_list,
                        InternedStrings& list, InternedStrings& except) {
    const bool lists = always_list || HasList(families);
    for (size_t i = 0; i < families.size(); ++i) {
      AddAll(families[i].list, list);
      AddAll(families[i].except, except);
      const bool whole = families[i].present && families[i].list.empty();
      if (lists && whole) list.Add(i == 0 ? "0.0.0.0/0" : "::/0");
    }
  }

  void WriteLimits() {
    if (match_.rate.has_value() && Accepts()) {
      v1::RateLimit& limit = *common_.mutable_limit();
      limit.set_rate(RateTextOf(*match_.rate));
      limit.set_burst(std::clamp<uint32_t>(match_.rate->burst, 1, 10'000));
      if (match_.rate->per_source) limit.set_per(v1::Per::source);
    }
    if (match_.flows.has_value() && Accepts()) {
      v1::FlowLimit& most = *common_.mutable_connections();
      most.set_max(std::clamp<uint32_t>(match_.flows->most, 1, 1'000'000));
      if (match_.flows->per_source) most.set_per(v1::Per::source);
    }
    if (!rule_.log) return;
    common_.set_log(true);
    if (rule_.log_limited) common_.set_log_rate(RateTextOf(rule_.log_rate));
  }

  void WritePorts() {
    const std::bitset<256> protocols = match_.protocols & ProtocolsWithPorts();
    if (protocols.none()) return;
    v1::PortMapping& mapping = Add();
    if (match_.source_ports != AllPorts()) {
      AddPorts(match_.source_ports, "", *mapping.mutable_source_ports());
    }
    const bool one = protocols.count() == 1;
    for (int protocol = 0; protocol < 256; ++protocol) {
      if (!protocols.test(static_cast<size_t>(protocol))) continue;
      const std::string name = policy::ProtocolText(static_cast<uint8_t>(protocol));
      if (one) mapping.set_protocol(name);
      AddPorts(match_.ports, one ? "" : absl::StrCat(name, "/"), *mapping.mutable_ports());
    }
  }

  // ICMP that IPv6 needs always passes, and errors that the host sends are decided by `icmp`.
  bool IsSaidByItself(int protocol, uint32_t type) const {
    const std::set<uint32_t> essential = {2, 130, 131, 132, 133, 134, 135, 136, 143};
    const std::set<uint32_t> errors4 = {3, 4, 5, 11, 12}, errors6 = {1, 3, 4, 137};
    if (scope_.way == Way::kThrough) return false;
    if (protocol == kIcmpv6 && essential.contains(type)) {
      return scope_.way == Way::kIn ? type != 133 : type != 130 && type != 134;
    }
    // Errors about the host's own flows pass anyway; other errors belong to no flow and are
    // dropped.
    return protocol == kIcmp ? errors4.contains(type) : errors6.contains(type);
  }

  void WriteIcmp(int protocol) {
    const IntervalSet& kinds = protocol == kIcmp ? match_.kinds4 : match_.kinds6;
    const char* const name = protocol == kIcmp ? "icmp" : "icmpv6";
    if (kinds == AllKinds()) {
      Add().set_protocol(name);
      return;
    }
    v1::PortMapping mapping = common_;
    mapping.set_protocol(name);
    const uint64_t all_kinds = 65536;
    for (uint64_t kind = 0; kind < all_kinds;) {
      const uint64_t type = kind / 256;
      const IntervalSet whole = IntervalSet::Of(type * 256, type * 256 + 255);
      const IntervalSet of_type = kinds.Intersect(whole);
      kind = (type + 1) * 256;
      if (of_type.empty() || IsSaidByItself(protocol, static_cast<uint32_t>(type))) continue;
      v1::IcmpKind text;
      text.set_protocol(static_cast<uint32_t>(protocol));
      text.set_type(static_cast<uint32_t>(type));
      if (of_type == whole) {
        mapping.add_types(policy::IcmpKindText(text));
        continue;
      }
      for (const Interval& codes : of_type.intervals()) {
        for (Number code = codes.first; code <= codes.last; ++code) {
          text.set_code(static_cast<uint32_t>(absl::Uint128Low64(code) % 256));
          mapping.add_types(policy::IcmpKindText(text));
        }
      }
    }
    if (mapping.types_size() > kMostKinds) {
      CannotSay("a mapping has up to 64 types; name those that are meant");
    } else if (!mapping.types().empty()) {
      mappings_.push_back(std::move(mapping));
    }
  }

  const Flat& rule_;
  Match match_;
  const Scope scope_;
  Report& report_;
  v1::PortMapping common_;
  std::vector<v1::PortMapping> mappings_;
};

}  // namespace

std::vector<std::string> AddressTexts(const IntervalSet& addresses, bool v6) {
  std::vector<std::string> texts;
  for (const Interval& interval : addresses.intervals()) {
    texts.push_back(IntervalText(interval, v6));
  }
  return texts;
}

std::string RateTextOf(const Rate& rate) {
  struct Unit {
    const char* name;
    uint64_t seconds;
  };
  constexpr Unit kUnits[] = {{"second", 1}, {"minute", 60}, {"hour", 3600}, {"day", 86400}};
  constexpr uint64_t kMost = 1'000'000;
  for (const Unit& unit : kUnits) {
    const uint64_t count = rate.count * unit.seconds;
    if (count % rate.seconds != 0 || count < rate.seconds) continue;
    return absl::StrCat(std::min(count / rate.seconds, kMost), "/", unit.name);
  }
  const uint64_t a_day = rate.count * 86400 / rate.seconds;
  return absl::StrCat(std::clamp<uint64_t>(a_day, 1, kMost), "/day");
}

std::vector<v1::PortMapping> MappingsOf(const Flat& rule, const Scope& scope, Report& report) {
  return MappingWriter(rule, scope, report).Write();
}

}  // namespace firebreak::importer
