// SPDX-License-Identifier: Apache-2.0
#include "policy/ruleset/difference.h"

#include <map>
#include <set>
#include <string>
#include <utility>

namespace firebreak::ruleset {
namespace {

using Kind = Operation::Kind;

// Decides which chains and sets must be replaced, and the order of the operations in the
// transaction.
class TableDifference {
 public:
  TableDifference(const Table& from, const Table& to) : from_(from), to_(to) {
    for (const auto& [name, set] : to.sets) {
      const auto old = from.sets.find(name);
      if (old != from.sets.end() && MustRemake(old->second, set)) remade_sets_.insert(name);
    }
    for (const auto& [name, chain] : to.chains) {
      const auto old = from.chains.find(name);
      if (old == from.chains.end()) continue;
      if (old->second.hook != chain.hook) rehooked_chains_.insert(name);
      if (old->second.hook != chain.hook || old->second.rules != chain.rules ||
          UsesRemadeSet(old->second)) {
        rewritten_chains_.insert(name);
      }
    }
  }

  std::vector<Operation> Make() {
    AddObjects();
    AddChains();
    FlushChains();
    CompareElements();
    DeleteElements();
    DeleteSets();
    AddSets();
    AddElements();
    AddRules();
    DeleteChains();
    DeleteObjects();
    return std::move(operations_);
  }

 private:
  static bool MustRemake(const Set& from, const Set& to) {
    const bool fits = from.capacity == 0 ? to.capacity == 0 : from.capacity >= to.elements.size();
    return !from.SameDefinition(to) || !fits;
  }

  bool UsesRemadeSet(const Chain& chain) const {
    for (const Rule& rule : chain.rules) {
      for (const Expression& expression : rule.expressions) {
        const Lookup* lookup = std::get_if<Lookup>(&expression);
        if (lookup != nullptr && remade_sets_.contains(lookup->set)) return true;
        const UpdateSet* update = std::get_if<UpdateSet>(&expression);
        if (update != nullptr && remade_sets_.contains(update->set)) return true;
      }
    }
    return false;
  }

  bool IsKept(const std::string& set) const {
    return from_.sets.contains(set) && to_.sets.contains(set) && !remade_sets_.contains(set);
  }

  void AddObjects() {
    for (const auto& [name, object] : to_.objects) {
      if (!from_.objects.contains(name)) {
        operations_.push_back({.kind = Kind::kAddObject, .name = &name, .object = &object});
      }
    }
  }

  // Chains are added before anything that may jump to them. The kernel cannot move a base chain to
  // another hook, so such a chain is deleted and added again; that is possible because nothing
  // jumps to a base chain.
  void AddChains() {
    for (const auto& [name, chain] : to_.chains) {
      if (rehooked_chains_.contains(name)) {
        operations_.push_back({.kind = Kind::kFlushChain, .name = &name});
        operations_.push_back({.kind = Kind::kDeleteChain, .name = &name});
      }
      if (!from_.chains.contains(name) || rehooked_chains_.contains(name)) {
        operations_.push_back({.kind = Kind::kAddChain, .name = &name, .chain = &chain});
      }
    }
  }

  // Chains are flushed before the sets and chains to which their old rules refer are deleted.
  void FlushChains() {
    for (const auto& [name, chain] : from_.chains) {
      if (rehooked_chains_.contains(name)) continue;
      const bool goes = !to_.chains.contains(name) || rewritten_chains_.contains(name);
      if (goes && !chain.rules.empty()) {
        operations_.push_back({.kind = Kind::kFlushChain, .name = &name});
      }
    }
  }

  // In sets that stay, only the changed elements are deleted and added; new sets get all elements.
  void CompareElements() {
    for (const auto& [name, set] : to_.sets) {
      if (set.HoldsState() || !IsKept(name)) continue;
      Changes& changes = changes_[name];
      const Set& old = from_.sets.at(name);
      auto have = old.elements.begin();
      auto want = set.elements.begin();
      // Both lists are sorted and mostly equal, so they are merged.
      while (have != old.elements.end() && want != set.elements.end()) {
        if (*have == *want) {
          ++have, ++want;
        } else if (*have < *want) {
          changes.deleted.push_back(&*have++);
        } else {
          changes.added.push_back(&*want++);
        }
      }
      while (have != old.elements.end()) changes.deleted.push_back(&*have++);
      while (want != set.elements.end()) changes.added.push_back(&*want++);
    }
  }

  void DeleteElements() {
    for (auto& [name, changes] : changes_) {
      if (changes.deleted.empty()) continue;
      const auto old = from_.sets.find(name);
      operations_.push_back({.kind = Kind::kDeleteElements,
                             .name = &old->first,
                             .set = &old->second,
                             .elements = std::move(changes.deleted)});
    }
  }

  void AddElements() {
    for (const auto& [name, set] : to_.sets) {
      if (set.HoldsState()) continue;
      std::vector<const Element*> added;
      if (const auto changes = changes_.find(name); changes != changes_.end()) {
        added = std::move(changes->second.added);
      } else {
        added.reserve(set.elements.size());
        for (const Element& element : set.elements) added.push_back(&element);
      }
      if (added.empty()) continue;
      operations_.push_back(
          {.kind = Kind::kAddElements, .name = &name, .set = &set, .elements = std::move(added)});
    }
  }

  void DeleteSets() {
    for (const auto& [name, set] : from_.sets) {
      if (!IsKept(name)) operations_.push_back({.kind = Kind::kDeleteSet, .name = &name});
    }
  }

  void AddSets() {
    for (const auto& [name, set] : to_.sets) {
      if (!IsKept(name)) operations_.push_back({.kind = Kind::kAddSet, .name = &name, .set = &set});
    }
  }

  void AddRules() {
    for (const auto& [name, chain] : to_.chains) {
      if (from_.chains.contains(name) && !rewritten_chains_.contains(name)) continue;
      for (const Rule& rule : chain.rules) {
        operations_.push_back({.kind = Kind::kAddRule, .name = &name, .rule = &rule});
      }
    }
  }

  void DeleteChains() {
    for (const auto& [name, chain] : from_.chains) {
      if (!to_.chains.contains(name)) {
        operations_.push_back({.kind = Kind::kDeleteChain, .name = &name});
      }
    }
  }

  void DeleteObjects() {
    for (const auto& [name, object] : from_.objects) {
      if (!to_.objects.contains(name)) {
        operations_.push_back({.kind = Kind::kDeleteObject, .name = &name, .object = &object});
      }
    }
  }

  struct Changes {
    std::vector<const Element*> deleted;
    std::vector<const Element*> added;
  };

  const Table& from_;
  const Table& to_;
  std::set<std::string> remade_sets_;
  std::set<std::string> rewritten_chains_;
  // Base chains that move to another hook; their rules are written again too.
  std::set<std::string> rehooked_chains_;
  std::map<std::string, Changes> changes_;  // by the name of each set that stays
  std::vector<Operation> operations_;
};

// Some changes need a new table. No operation removes a foreign object. A chain that becomes a base
// chain, or stops being one, would have to be deleted before the rules that jump to it. And the
// kernel has no message that changes a helper or a flow's timeouts.
bool MustRemake(const Table& from, const Table& to) {
  if (from.foreign) return true;
  for (const auto& [name, chain] : to.chains) {
    const auto old = from.chains.find(name);
    if (old != from.chains.end() && old->second.hook.has_value() != chain.hook.has_value()) {
      return true;
    }
  }
  for (const auto& [name, object] : to.objects) {
    const auto old = from.objects.find(name);
    if (old != from.objects.end() && old->second != object) return true;
  }
  return false;
}

void AppendDifference(const std::optional<Table>& from, const std::optional<Table>& to,
                      uint8_t family, std::vector<Operation>& operations) {
  static const Table kNothing;
  const bool remake = from.has_value() && to.has_value() && MustRemake(*from, *to);
  if (from.has_value() && (!to.has_value() || remake)) {
    operations.push_back({.kind = Kind::kDeleteTable, .family = family});
  }
  if (!to.has_value()) return;
  if (!from.has_value() || remake) {
    operations.push_back({.kind = Kind::kAddTable, .family = family});
  }
  const Table& base = from.has_value() && !remake ? *from : kNothing;
  for (Operation& operation : TableDifference(base, *to).Make()) {
    operation.family = family;
    operations.push_back(std::move(operation));
  }
}

}  // namespace

std::vector<Operation> Difference(const Ruleset& from, const Ruleset& to) {
  std::vector<Operation> operations;
  AppendDifference(from.inet, to.inet, kInet, operations);
  AppendDifference(from.netdev, to.netdev, kNetdev, operations);
  return operations;
}

size_t CountObjects(const std::vector<Operation>& operations) {
  size_t count = 0;
  for (const Operation& operation : operations) {
    count += operation.elements.empty() ? 1 : operation.elements.size();
  }
  return count;
}

}  // namespace firebreak::ruleset
