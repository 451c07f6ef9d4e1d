// SPDX-License-Identifier: Apache-2.0
#include "controller/fleet/rollout_board.h"

#include <iterator>
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

void RolloutBoard::ForOpen(const std::string& host, uint64_t revision,
                           absl::FunctionRef<bool(Rollout&)> change) {
  const auto open = open_.find(host);
  if (open == open_.end()) return;
  std::set<uint64_t>& revisions = open->second;
  for (auto one = revisions.begin(); one != revisions.end() && *one <= revision;) {
    one = change(rollouts_.at(*one)) ? std::next(one) : revisions.erase(one);
  }
  if (revisions.empty()) open_.erase(open);
}

void RolloutBoard::RemoveOldest() {
  const auto oldest = rollouts_.begin();
  const auto close = [&](const std::string& host) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const auto open = open_.find(host);
    if (open == open_.end()) return;
    open->second.erase(oldest->first);
    if (open->second.empty()) open_.erase(open);
  };
  for (const std::string& host : oldest->second.pending) close(host);
  for (const std::string& host : oldest->second.offline) close(host);
  for (const auto& [host, refusal] : oldest->second.failed) close(host);
  rollouts_.erase(oldest);
}

void RolloutBoard::Begin(uint64_t revision, std::set<std::string> connected,
                         std::set<std::string> offline) {
  absl::MutexLock lock(&mutex_);
  Rollout& rollout = rollouts_[revision];
  rollout.concerned = connected;
  rollout.concerned.insert(offline.begin(), offline.end());
  rollout.pending = std::move(connected);
  rollout.offline = std::move(offline);
  for (const std::string& host : rollout.concerned) open_[host].insert(revision);
  while (rollouts_.size() > kKept) RemoveOldest();
}

void RolloutBoard::OnReceipt(const std::string& host, uint64_t revision) {
  Watchers to_tell;
  {
    absl::MutexLock lock(&mutex_);
    ForOpen(host, revision, [&](Rollout& rollout) {
      rollout.pending.erase(host);
      rollout.failed.erase(host);
      rollout.offline.erase(host);
      ++rollout.applied;
      Collect(rollout, to_tell);
      return false;
    });
  }
  for (const auto& watcher : to_tell) watcher->OnRolloutChanged();
}

void RolloutBoard::OnRefusal(const std::string& host, const v1::Refusal& refusal) {
  Watchers to_tell;
  {
    absl::MutexLock lock(&mutex_);
    // A host may undo a revision that it sent a receipt for, but only the revision that the refusal
    // names.
    const auto named = rollouts_.find(refusal.revision());
    if (named != rollouts_.end() && named->second.concerned.contains(host) &&
        named->second.applied > 0 && open_[host].insert(refusal.revision()).second) {
      --named->second.applied;
      named->second.pending.insert(host);
    }
    ForOpen(host, refusal.revision(), [&](Rollout& rollout) {
      if (rollout.pending.erase(host) + rollout.offline.erase(host) == 0) return true;
      rollout.failed[host] = refusal;
      Collect(rollout, to_tell);
      return true;
    });
  }
  for (const auto& watcher : to_tell) watcher->OnRolloutChanged();
}

void RolloutBoard::OnOnline(const std::string& host) {
  Watchers to_tell;
  {
    absl::MutexLock lock(&mutex_);
    ForOpen(host, UINT64_MAX, [&](Rollout& rollout) {
      if (rollout.offline.erase(host) == 0) return true;
      rollout.pending.insert(host);
      Collect(rollout, to_tell);
      return true;
    });
  }
  for (const auto& watcher : to_tell) watcher->OnRolloutChanged();
}

void RolloutBoard::OnOffline(const std::string& host) {
  Watchers to_tell;
  {
    absl::MutexLock lock(&mutex_);
    ForOpen(host, UINT64_MAX, [&](Rollout& rollout) {
      if (!rollout.pending.contains(host)) return true;
      rollout.offline.insert(host);
      Collect(rollout, to_tell);
      return true;
    });
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
