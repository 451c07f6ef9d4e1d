// SPDX-License-Identifier: Apache-2.0
#include "controller/fleet/rollout_board.h"

#include <utility>

namespace firebreak::controller {

void RolloutBoard::Collect(Rollout& rollout, Watchers& to_tell) {
  std::erase_if(rollout.watchers, [&](const std::weak_ptr<RolloutWatcher>& weak) {
    auto watcher = weak.lock();
    if (watcher == nullptr) return true;
    to_tell.push_back(std::move(watcher));
    return false;
  });
}

void RolloutBoard::Begin(uint64_t revision, std::set<std::string> connected,
                         std::set<std::string> offline) {
  absl::MutexLock lock(&mutex_);
  Rollout& rollout = rollouts_[revision];
  rollout.concerned = connected;
  rollout.concerned.insert(offline.begin(), offline.end());
  rollout.pending = std::move(connected);
  rollout.offline = std::move(offline);
  while (rollouts_.size() > kKept) rollouts_.erase(rollouts_.begin());
}

void RolloutBoard::OnReceipt(const std::string& host, uint64_t revision) {
  Watchers to_tell;
  {
    absl::MutexLock lock(&mutex_);
    const auto end = rollouts_.upper_bound(revision);
    for (auto rollout = rollouts_.begin(); rollout != end; ++rollout) {
      Rollout& state = rollout->second;
      // Most rollouts wait for no host any longer.
      if (state.pending.empty() && state.failed.empty() && state.offline.empty()) continue;
      const size_t waited = state.pending.erase(host) + state.failed.erase(host);
      if (waited + state.offline.erase(host) == 0) continue;
      ++state.applied;
      Collect(state, to_tell);
    }
  }
  for (const auto& watcher : to_tell) watcher->OnRolloutChanged();
}

void RolloutBoard::OnRefusal(const std::string& host, const v1::Refusal& refusal) {
  Watchers to_tell;
  {
    absl::MutexLock lock(&mutex_);
    const auto end = rollouts_.upper_bound(refusal.revision());
    for (auto rollout = rollouts_.begin(); rollout != end; ++rollout) {
      Rollout& state = rollout->second;
      const bool was_pending = state.pending.erase(host) + state.offline.erase(host) > 0;
      // A host may undo a revision that it sent a receipt for, but only the revision that the
      // refusal names.
      const bool undone = !was_pending && rollout->first == refusal.revision() &&
                          state.concerned.contains(host) && !state.failed.contains(host) &&
                          state.applied > 0;
      if (!was_pending && !undone) continue;
      if (undone) --state.applied;
      state.failed[host] = refusal;
      Collect(state, to_tell);
    }
  }
  for (const auto& watcher : to_tell) watcher->OnRolloutChanged();
}

void RolloutBoard::OnOnline(const std::string& host) {
  Watchers to_tell;
  {
    absl::MutexLock lock(&mutex_);
    for (auto& [revision, rollout] : rollouts_) {
      if (rollout.offline.erase(host) == 0) continue;
      rollout.pending.insert(host);
      Collect(rollout, to_tell);
    }
  }
  for (const auto& watcher : to_tell) watcher->OnRolloutChanged();
}

void RolloutBoard::OnOffline(const std::string& host) {
  Watchers to_tell;
  {
    absl::MutexLock lock(&mutex_);
    for (auto& [revision, rollout] : rollouts_) {
      if (!rollout.pending.contains(host)) continue;
      rollout.offline.insert(host);
      Collect(rollout, to_tell);
    }
  }
  for (const auto& watcher : to_tell) watcher->OnRolloutChanged();
}

v1::Rollout RolloutBoard::State(uint64_t revision) const {
  v1::Rollout state;
  state.set_revision(revision);
  absl::MutexLock lock(&mutex_);
  const auto found = rollouts_.find(revision);
  if (found == rollouts_.end()) {
    state.set_done(true);
    return state;
  }
  const Rollout& rollout = found->second;
  state.set_concerned(static_cast<uint32_t>(rollout.concerned.size()));
  state.set_applied(rollout.applied);
  state.set_done(rollout.pending.empty());
  for (const auto& [name, refusal] : rollout.failed) {
    v1::RolloutHost& host = *state.add_failed();
    host.set_name(name);
    *host.mutable_refusal() = refusal;
  }
  for (const std::string& name : rollout.pending) {
    if (state.pending_size() == kNamed) break;
    if (!rollout.offline.contains(name)) state.add_pending(name);
  }
  state.set_offline(static_cast<uint32_t>(rollout.offline.size()));
  for (const std::string& name : rollout.offline) {
    if (state.offline_hosts_size() == kNamed) break;
    state.add_offline_hosts(name);
  }
  for (const std::string& name : rollout.concerned) {
    if (state.applied_hosts_size() == kNamed) break;
    if (!rollout.pending.contains(name) && !rollout.offline.contains(name) &&
        !rollout.failed.contains(name)) {
      state.add_applied_hosts(name);
    }
  }
  return state;
}

void RolloutBoard::Watch(uint64_t revision, std::weak_ptr<RolloutWatcher> watcher) {
  absl::MutexLock lock(&mutex_);
  const auto found = rollouts_.find(revision);
  if (found != rollouts_.end()) found->second.watchers.push_back(std::move(watcher));
}

}  // namespace firebreak::controller
