#include "policy/compile/impossible.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace firebreak::policy {
namespace {

using ruleset::Rule;

constexpr char kFlagsSet[] = "tcp.impossible";
constexpr char kChain[] = "impossible";

constexpr uint8_t kFin = 0x01, kSyn = 0x02, kRst = 0x04, kAck = 0x10, kUrg = 0x20;  // RFC 9293
constexpr uint8_t kAll = kFin | kSyn | kRst | kAck | kUrg;
constexpr uint8_t kPossible[] = {kSyn, kSyn | kAck, kRst,        kRst | kAck,
                                 kAck, kAck | kUrg, kFin | kAck, kFin | kAck | kUrg};

}  // namespace

Rule RefuseImpossible(const Subject& subject, TableBuilder& table) {
  ruleset::Set& set = table.AddSet(kFlagsSet);
  set.key = {ruleset::Field::kTcpFlags};
  for (int flags = 0; flags <= kAll; ++flags) {
    const bool counts = (flags & ~kAll) == 0;
    if (counts &&
        std::find(std::begin(kPossible), std::end(kPossible), flags) == std::end(kPossible)) {
      set.elements.push_back({.key = ruleset::Bytes(1, static_cast<char>(flags))});
    }
  }
  // Nothing sends them through the loopback interface either.
  table.AddChain(kChain).rules = Dispatch(
      subject, kChain, kInbound,
      [&](const Profile& profile, const std::string&) -> std::vector<Rule> {
        if (profile.firewall == v1::Firewall::off) return {MakeRule({}, Accept())};
        return {
            MakeRule({}, table.Refuse("impossible", profile.firewall == v1::Firewall::observe))};
      },
      table);
  return MakeRule({TcpFlagsIn(kFlagsSet)}, table.Shortcut(kChain));
}

}  // namespace firebreak::policy
