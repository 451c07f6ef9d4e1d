// SPDX-License-Identifier: Apache-2.0
#include "policy/compile/table.h"

// glibc's header must come before the kernel's, which then leave out what both define.
#include <netinet/in.h>

#include <linux/netfilter/nf_tables.h>

#include <algorithm>
#include <bit>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "policy/compile/chain_names.h"
#include "policy/compile/logging.h"
#include "policy/compile/match.h"

namespace firebreak::policy {
namespace {

// Leaves room to grow by half without making the set anew. The kernel needs eight bytes for each
// place.
uint32_t Capacity(size_t elements) {
  constexpr uint32_t kSmallest = 64;
  return std::max(kSmallest, std::bit_ceil(static_cast<uint32_t>(elements + elements / 2)));
}

// Answers dropped packets, at most 100 a second in total for TCP and 100 for the rest; further
// packets get no answer. The kernel answers no packets to multicast or broadcast addresses
// (nf_send_reset, icmp_send), and forged sources have been refused before. The host uses this ICMP
// code for no other reason.
std::vector<ruleset::Rule> TellSender() {
  constexpr uint64_t kAnswers = 100;
  const Match limit = {ruleset::Limit{kAnswers, kAnswers}};
  return {
      MakeRule({IsProtocol(IPPROTO_TCP), limit, {ruleset::Reject{NFT_REJECT_TCP_RST, 0}}}),
      MakeRule({IsNotProtocol(IPPROTO_TCP),
                limit,
                {ruleset::Reject{NFT_REJECT_ICMPX_UNREACH, NFT_REJECT_ICMPX_ADMIN_PROHIBITED}}})};
}

}  // namespace

ruleset::Verdict TableBuilder::Refuse(const std::string& reason, bool observe, bool tell) {
  const std::string name = absl::StrCat(observe ? kObservedPrefix : kRefusalPrefix, reason);
  if (HasChain(name)) return GoTo(name);
  AddObject(name, ruleset::Counter());
  const Match count = {ruleset::ObjectReference{NFT_OBJECT_COUNTER, name}};
  const Match log = {ruleset::Log{kLogGroup, name + " ", kLogSnapLength, kLogQueueThreshold}};
  const ruleset::Verdict verdict = observe ? Accept() : Drop();
  const bool tells = tell && !observe, limited = logging_.dropped() && logging_.rate() != 0;
  const Match always = logging_.dropped() && !limited ? count + log : count;
  std::vector<ruleset::Rule> rules;
  if (limited || tells) rules.push_back(MakeRule({always}));
  if (limited) {
    // A packet beyond the rate is not logged, but goes on to the next rule.
    const Match limit = {ruleset::Limit{logging_.rate(), logging_.rate()}};
    rules.push_back(MakeRule({limit, log}));
  }
  if (tells) Append(rules, TellSender());
  rules.push_back(rules.empty() ? MakeRule({always}, verdict) : MakeRule({}, verdict));
  AddChain(name, std::move(rules));
  return GoTo(name);
}

ruleset::Verdict TableBuilder::Shortcut(std::string chain) {
  while (true) {
    const std::vector<ruleset::Rule>& rules = table_.chains.at(chain).rules;
    const auto* only = rules.size() == 1 && rules[0].expressions.size() == 1
                           ? std::get_if<ruleset::Immediate>(&rules[0].expressions[0])
                           : nullptr;
    if (only == nullptr || only->verdict.code != NFT_GOTO) return GoTo(chain);
    std::string next = only->verdict.chain;
    table_.chains.erase(chain);
    chain = std::move(next);
  }
}

void TableBuilder::AddChain(const std::string& name, ruleset::Chain chain) {
  const auto [there, added] = table_.chains.try_emplace(name, std::move(chain));
  if (!added && there->second != chain) Collide("chain", name);
}

void TableBuilder::AddSet(const std::string& name, ruleset::Set set) {
  const auto [there, added] = table_.sets.try_emplace(name, std::move(set));
  if (added) return;
  if (!there->second.SameDefinition(set) || there->second.elements != set.elements) {
    Collide("set", name);
  }
}

void TableBuilder::AddMeter(const std::string& name, ruleset::Set set, const v1::Mapping& mapping) {
  if (meters_.insert(name).second && !allowance_.Take(Allowance::Kind::kMeters, 1, mapping)) return;
  AddSet(name, std::move(set));
}

void TableBuilder::AddObject(const std::string& name, ruleset::Object object) {
  const auto [there, added] = table_.objects.try_emplace(name, std::move(object));
  if (!added && there->second != object) Collide("object", name);
}

void TableBuilder::Collide(absl::string_view kind, const std::string& name) {
  status_.Update(absl::InternalError(
      absl::StrCat("compile policy: two different things would be the ", kind, " ", name,
                   "; nothing is changed, please report this as a bug of Firebreak")));
}

const std::vector<Part>& TableBuilder::PartsFor(const ObjectName& scope,
                                                const std::vector<const v1::Mapping*>& mappings) {
  Parts& parts = parts_[scope.Text()];
  if (parts.parts.empty() || parts.mappings != mappings) parts = {mappings, PartsOf(mappings)};
  return parts.parts;
}

const std::vector<Piece>& TableBuilder::PiecesOf(const ObjectName& scope,
                                                 const std::vector<const v1::Mapping*>& mappings,
                                                 v1::Traffic::Action fallback) {
  Flat& flat = flat_[scope.Text()];
  if (flat.mappings != mappings || flat.fallback != fallback) {
    flat = {mappings, fallback, Flatten(mappings, fallback, allowance_)};
  }
  return flat.pieces;
}

absl::StatusOr<ruleset::Table> TableBuilder::Finish() && {
  if (allowance_.exhausted()) return allowance_.status();
  if (!status_.ok()) return status_;
  if (table_.sets.size() > kMostSets) return allowance_.TooManySets();
  for (const std::string& name : meters_) {
    const auto share = kMostRememberedInAll / static_cast<uint32_t>(meters_.size());
    table_.sets.at(name).capacity = std::min(kMostRemembered, std::bit_floor(share));
  }
  for (auto& [name, set] : table_.sets) {
    std::sort(set.elements.begin(), set.elements.end());
    // The kernel's tables for intervals and for timeouts grow by themselves.
    if (!set.interval && !set.HoldsState()) set.capacity = Capacity(set.elements.size());
  }
  return std::move(table_);
}

}  // namespace firebreak::policy
