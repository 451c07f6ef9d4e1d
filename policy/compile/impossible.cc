// SPDX-License-Identifier: Apache-2.0
#include "policy/compile/impossible.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace firebreak::policy {
namespace {

using ruleset::Rule;

constexpr char kFlagsSet[] = "tcp.possible";
constexpr char kChain[] = "impossible";

// Flags of RFC 9293 and, for the last two, RFC 3168.
constexpr uint8_t kFin = 0x01, kSyn = 0x02, kRst = 0x04, kPsh = 0x08, kAck = 0x10, kUrg = 0x20,
                  kEce = 0x40, kCwr = 0x80;
constexpr uint8_t kAnywhere = kPsh | kEce | kCwr;
constexpr uint8_t kPossible[] = {kSyn, kSyn | kAck, kRst,        kRst | kAck,
                                 kAck, kAck | kUrg, kFin | kAck, kFin | kAck | kUrg};

bool IsPossible(uint8_t flags) {
  return std::find(std::begin(kPossible), std::end(kPossible), flags & ~kAnywhere) !=
         std::end(kPossible);
}

}  // namespace

Rule RefuseImpossible(const Subject& subject, TableBuilder& table) {
  // The set lists all valid combinations, so that a lookup takes the flags as they are, without a
  // step that masks them.
  ruleset::Set set = {.key = {ruleset::Field::kTcpFlags}};
  for (int flags = 0; flags <= 0xff; ++flags) {
    if (IsPossible(static_cast<uint8_t>(flags))) {
      set.elements.emplace_back(ruleset::Bytes(1, static_cast<char>(flags)));
    }
  }
  table.AddSet(kFlagsSet, std::move(set));
  // No stack sends such segments through the loopback interface either, so no interface is
  // excepted.
  const auto refuse = [&](const Profile& profile, const ObjectName&) -> std::vector<Rule> {
    if (profile.firewall == v1::Firewall::off) return {MakeRule({}, Accept())};
    return {MakeRule({}, table.Refuse("impossible", profile.firewall == v1::Firewall::observe))};
  };
  table.AddChain(kChain, Dispatch(subject, kChain, kInbound, refuse, table));
  return MakeRule({TcpFlagsNotIn(kFlagsSet)}, table.Shortcut(kChain));
}

}  // namespace firebreak::policy
