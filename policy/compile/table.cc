#include "policy/compile/table.h"

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

// Room to grow by half without making the set anew; the kernel spends eight bytes on each place.
uint32_t Capacity(size_t elements) {
  constexpr uint32_t kSmallest = 64;
  return std::max(kSmallest, std::bit_ceil(static_cast<uint32_t>(elements + elements / 2)));
}

}  // namespace

ruleset::Verdict TableBuilder::Refuse(const std::string& reason, bool observe) {
  const std::string name = absl::StrCat(observe ? kObservedPrefix : kRefusalPrefix, reason);
  if (HasChain(name)) return GoTo(name);
  AddObject(name, ruleset::Counter());
  std::vector<ruleset::Rule> rules;
  const Match count = {ruleset::ObjectReference{NFT_OBJECT_COUNTER, name}};
  const ruleset::Verdict verdict = observe ? Accept() : Drop();
  const Match log = {ruleset::Log{kLogGroup, name + " ", kLogSnapLength, kLogQueueThreshold}};
  if (!logging_.dropped()) {
    rules.push_back(MakeRule({count}, verdict));
  } else if (logging_.rate() == 0) {
    rules.push_back(MakeRule({count, log}, verdict));
  } else {
    // What is beyond the rate ends its rule there.
    const Match limit = {ruleset::Limit{logging_.rate(), logging_.rate()}};
    rules.push_back(MakeRule({count}));
    rules.push_back(MakeRule({limit, log}));
    rules.push_back(MakeRule({}, verdict));
  }
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

void TableBuilder::AddObject(const std::string& name, ruleset::Object object) {
  const auto [there, added] = table_.objects.try_emplace(name, std::move(object));
  if (!added && there->second != object) Collide("object", name);
}

void TableBuilder::Collide(absl::string_view kind, const std::string& name) {
  status_.Update(absl::InternalError(
      absl::StrCat("compile policy: two different things would be the ", kind, " ", name,
                   "; nothing is changed, please report this as a bug of Firebreak")));
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
  for (auto& [name, set] : table_.sets) {
    std::sort(set.elements.begin(), set.elements.end());
    // The kernel's table for intervals and the one for timeouts grow by themselves.
    if (!set.interval && !set.dynamic) set.capacity = Capacity(set.elements.size());
  }
  return std::move(table_);
}

}  // namespace firebreak::policy
