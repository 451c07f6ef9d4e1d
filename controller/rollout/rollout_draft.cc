// SPDX-License-Identifier: Apache-2.0
#include "controller/rollout/rollout_draft.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status/status.h"

namespace firebreak::controller {
namespace {

constexpr char kDefaultStrategy[] = "default";

// Returns a strategy with all hosts in one wave.
v1::RolloutStrategy AtOnce() {
  v1::RolloutStrategy strategy;
  strategy.add_waves()->set_percent(100);
  return strategy;
}

void PutInFront(policy::Waves front, policy::Waves& waves) {
  if (waves.line.empty()) waves.ends.clear();
  waves.line.insert(waves.line.begin(), front.line.begin(), front.line.end());
  for (size_t& end : waves.ends) end += front.line.size();
  waves.ends.insert(waves.ends.begin(), front.line.size());
}

}  // namespace

absl::StatusOr<std::optional<RolloutDraft>> DraftRollout(PublishedRevision& before,
                                                         PublishedRevision& after,
                                                         const Registry& registry,
                                                         const RolloutChoice& choice,
                                                         const Stages* superseded) {
  if (choice.all_at_once) return std::nullopt;
  // Looked up in the new configuration, because the change may bring the strategy by which it goes
  // out.
  const v1::RolloutStrategy* const named = after.configuration().FindRolloutStrategy(
      choice.strategy.empty() ? kDefaultStrategy : choice.strategy);
  if (named == nullptr && !choice.strategy.empty()) {
    return absl::NotFoundError(absl::StrCat("there is no rollout strategy \"", choice.strategy,
                                            "\"; see `firebreak get RolloutStrategy`"));
  }
  RolloutDraft draft;
  // Hosts that have the superseded rollout's revision come first: if that revision was bad, they
  // need the new one most.
  std::vector<policy::RolloutHost> first, hosts;
  for (const HostRecord& host : registry.Records()) {
    const bool reached = superseded != nullptr && superseded->Reaches(host.name);
    PublishedRevision& now =
        superseded == nullptr || reached ? before : *superseded->Before(host.name);
    ASSIGN_OR_RETURN(const auto has, now.For(host.name, host.labels));
    ASSIGN_OR_RETURN(const auto gets, after.For(host.name, host.labels));
    if (superseded != nullptr && now.number() != superseded->before->number()) {
      draft.keeps[now.number()].set_revision(now.number());
      draft.keeps[now.number()].add_hosts(host.name);
    }
    if (has->policy_digest == gets->policy_digest && !reached) continue;
    (reached ? first : hosts).push_back({host.name, host.labels});
  }
  const size_t concerned = first.size() + hosts.size();
  if (concerned == 0 || (named == nullptr && concerned <= policy::kHostsWithoutWaves)) {
    return std::nullopt;
  }
  draft.strategy = named != nullptr ? *named : policy::DefaultStrategy();
  draft.waves = policy::AssignWaves(draft.strategy, after.selector(), hosts);
  if (!first.empty()) {
    PutInFront(policy::AssignWaves(AtOnce(), after.selector(), first), draft.waves);
  }
  return draft;
}

}  // namespace firebreak::controller
