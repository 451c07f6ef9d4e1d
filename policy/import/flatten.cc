// SPDX-License-Identifier: Apache-2.0
#include "policy/import/flatten.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status/status.h"

namespace firebreak::importer {
namespace {

constexpr size_t kMostRules = 100'000;
constexpr size_t kMostSteps = 250'000;
constexpr int kMostNested = 400;  // nested walks, which recurse on the stack
constexpr int kMostJumps = 64;    // the kernel takes 16 (NFT_JUMP_STACK_SIZE)

struct Level {
  const Table* table;
  const std::string* name;
  const Chain* chain;
};

// Where evaluation continues for packets that leave a chain.
struct Frame {
  const Level* level;
  size_t next;
  const Frame* below;  // null: the base chain's policy decides
};

class Flattener {
 public:
  Flattener(std::vector<Level> bases, Report& report) : bases_(std::move(bases)), report_(report) {}

  absl::StatusOr<std::vector<Flat>> Run(const Match& packets) {
    RETURN_IF_ERROR(EnterBase(0, packets));
    return std::move(found_);
  }

 private:
  // Evaluates a base chain. A packet that it accepts goes on to the next base chain.
  absl::Status EnterBase(size_t number, const Match& packets) {
    if (number == bases_.size()) return Emit(packets, Verdict::kAccept, nullptr);
    const size_t before = std::exchange(base_, number);
    const absl::StatusOr<bool> decided = Walk(bases_[number], 0, packets, nullptr, 0);
    base_ = before;
    return decided.status();
  }

  absl::Status Emit(const Match& match, Verdict verdict, const Rule* rule) {
    if (found_.size() >= kMostRules) {
      return absl::InvalidArgumentError(
          absl::StrCat("the rules come to more than ", kMostRules, " when jumps are followed"));
    }
    Flat flat;
    flat.match = match;
    flat.verdict = verdict;
    if (rule == nullptr) {
      flat.statements = path_;
    } else {
      flat.statements.insert(rule->statement);
      flat.target = rule->target;
      flat.port = rule->port;
      flat.description = rule->description;
      flat.log_rate = rule->log_rate;
      flat.log_limited = rule->log_limited;
      flat.by_engine = in_engine_;
    }
    found_.push_back(std::move(flat));
    return absl::OkStatus();
  }

  absl::Status Decide(const Match& match, Verdict verdict, const Rule* rule) {
    if (verdict == Verdict::kAccept && base_ + 1 < bases_.size()) {
      return EnterBase(base_ + 1, match);
    }
    return Emit(match, verdict, rule);
  }

  // Continues with packets that leave a chain; `below` is the place to continue at.
  absl::Status Leave(const Frame* below, const Match& match) {
    if (below == nullptr) return Decide(match, bases_[base_].chain->base->policy, nullptr);
    // Packets that the calling chain does not decide continue in its own caller.
    const absl::StatusOr<bool> decided = Walk(*below->level, below->next, match, below->below, 0);
    if (!decided.ok() || *decided) return decided.status();
    return Leave(below->below, match);
  }

  // Joins consecutive return rules whose union is a single product of sets.
  static Match JoinReturns(const std::vector<Rule>& rules, size_t& i) {
    Match joined = rules[i].match;
    while (i + 1 < rules.size() && rules[i + 1].verdict == Verdict::kReturn) {
      const std::optional<Match> sum = Unite(joined, rules[i + 1].match);
      if (!sum.has_value()) break;
      joined = *sum;
      ++i;
    }
    return joined;
  }

  // Evaluates all of `packets` from rule `first` on. Returns true if all of them were decided.
  // False means that packets may have reached the end of a chain that was jumped to, where the
  // caller continues.
  absl::StatusOr<bool> Walk(const Level& level, size_t first, const Match& packets,
                            const Frame* below, int depth) {
    ++nested_;
    const absl::Cleanup leave = [&] { --nested_; };
    if (depth > kMostJumps || nested_ > kMostNested) {
      return absl::InvalidArgumentError(
          absl::StrCat("chain ", *level.name, ": jumps lead in a circle, or too deep"));
    }
    const std::vector<Rule>& rules = level.chain->rules;
    for (size_t i = first; i < rules.size(); ++i) {
      if (++steps_ > kMostSteps) {
        return absl::InvalidArgumentError("the rules take too many steps to follow");
      }
      const Rule& rule = rules[i];
      if (rule.verdict == Verdict::kNone) continue;
      const Match own = rule.verdict == Verdict::kReturn ? JoinReturns(rules, i) : rule.match;
      const std::optional<Match> match = Intersect(packets, own);
      if (!match.has_value()) {
        report_.CannotSay(rule.statement, "two limits in one way are more than a mapping has");
        continue;
      }
      if (IsEmpty(*match)) continue;
      const bool all = *match == packets;
      switch (rule.verdict) {
        case Verdict::kReturn:
          // Everything returns behind the last rule anyway.
          if (i + 1 == rules.size()) break;
          if (match->HasCondition()) {
            report_.CannotSay(
                rule.statement,
                "a limit belongs to one mapping, not to all that follows; it is taken "
                "as if nothing were above it");
          }
          if (all || match->HasCondition()) return LeaveAll(below, packets);
          RETURN_IF_ERROR(Leave(below, *match));
          break;
        case Verdict::kJump:
        case Verdict::kGoto: {
          const auto target = level.table->chains.find(rule.target);
          if (target == level.table->chains.end()) {
            report_.CannotSay(rule.statement, absl::StrCat("there is no chain ", rule.target));
            break;
          }
          const Level next = {level.table, &target->first, &target->second};
          const bool go_to = rule.verdict == Verdict::kGoto;
          const Frame frame = {&level, i + 1, below};
          const bool was_engine =
              std::exchange(in_engine_, in_engine_ || IsEngineChain(rule.target));
          const auto inserted = path_.insert(rule.statement);
          const absl::StatusOr<bool> decided =
              Walk(next, 0, *match, go_to ? below : &frame, depth + 1);
          if (inserted.second) path_.erase(inserted.first);
          in_engine_ = was_engine;
          if (!decided.ok()) return decided.status();
          if (go_to && !*decided) RETURN_IF_ERROR(Leave(below, *match));
          if (all && (go_to || *decided)) return true;
          break;
        }
        case Verdict::kLog: RETURN_IF_ERROR(Emit(*match, rule.verdict, &rule)); break;
        default:
          RETURN_IF_ERROR(Decide(*match, rule.verdict, &rule));
          if (all) return true;
      }
    }
    return LeaveAll(below, packets);
  }

  // Lets all packets of a walk leave its chain. After a jump, the caller continues with them.
  absl::StatusOr<bool> LeaveAll(const Frame* below, const Match& packets) {
    if (below != nullptr) return false;
    RETURN_IF_ERROR(Leave(below, packets));
    return true;
  }

  const std::vector<Level> bases_;
  Report& report_;
  std::vector<Flat> found_;
  std::set<size_t> path_;  // statements of the jumps that led here
  size_t base_ = 0;
  size_t steps_ = 0;
  int nested_ = 0;  // the depth of recursion
  bool in_engine_ = false;
};

}  // namespace

bool IsEngineChain(const std::string& name) {
  static constexpr const char* kBegins[] = {"DOCKER", "CNI-",    "KUBE-",   "NETAVARK",
                                            "cali-",  "CILIUM_", "LIBVIRT", "FLANNEL"};
  return std::any_of(std::begin(kBegins), std::end(kBegins),
                     [&](const char* begin) { return absl::StartsWith(name, begin); });
}

absl::StatusOr<std::vector<Flat>> Flatten(const Ruleset& ruleset, std::span<const Hook> hooks,
                                          bool nat, const Match& packets, Report& report) {
  std::vector<Level> bases;
  for (const Hook hook : hooks) {
    const auto first = static_cast<ptrdiff_t>(bases.size());
    for (const Table& table : ruleset.tables) {
      const bool concerned = (table.v4 && packets.HasV4()) || (table.v6 && packets.HasV6());
      if (!concerned) continue;
      for (const auto& [name, chain] : table.chains) {
        if (chain.base.has_value() && chain.base->hook == hook && chain.base->nat == nat) {
          bases.push_back({&table, &name, &chain});
        }
      }
    }
    std::stable_sort(bases.begin() + first, bases.end(), [](const Level& a, const Level& b) {
      return a.chain->base->priority < b.chain->base->priority;
    });
  }
  return Flattener(std::move(bases), report).Run(packets);
}

}  // namespace firebreak::importer
