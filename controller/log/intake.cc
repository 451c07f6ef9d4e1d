// SPDX-License-Identifier: Apache-2.0
#include "controller/log/intake.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "base/log/log.h"

namespace firebreak::controller {
namespace {

// Charged for each batch besides its bytes, because even a small batch may contain many records.
constexpr double kBytesPerBatch = 4 << 10;
constexpr size_t kMaxBytesAtOnce = 16 << 20;
constexpr absl::Duration kRetry = absl::Seconds(1);
constexpr absl::Duration kExpireInterval = absl::Minutes(10);
constexpr size_t kMaxHosts = 100'000;

}  // namespace

LogIntake::LogIntake(LogStore& store) : store_(store), thread_([this] { Run(); }) {}

LogIntake::~LogIntake() {
  {
    absl::MutexLock lock(&mutex_);
    closing_ = true;
    changed_.Signal();
  }
  thread_.join();
}

absl::Duration LogIntake::DueAt(const HostBatch& batch, absl::Duration now) {
  if (used_until_.size() > kMaxHosts) used_until_.clear();
  absl::Duration& used_until = used_until_[batch.host];
  const double bytes = static_cast<double>(batch.columns.size()) + kBytesPerBatch;
  // A host cannot save up more than kBurst of unused share.
  used_until = std::max(used_until, now - kBurst) + absl::Seconds(bytes / kBytesPerSecond);
  return std::max(used_until, now);
}

void LogIntake::Take(HostBatch batch, Done done) {
  absl::MutexLock lock(&mutex_);
  if (closing_) return;
  const absl::Duration due = DueAt(batch, SteadyCondition::Now());
  const auto at = waiting_.emplace(due, Waiting{std::move(batch), std::move(done)});
  if (at == waiting_.begin()) changed_.Signal();
}

void LogIntake::Watch(std::weak_ptr<LogWatcher> watcher) {
  absl::MutexLock lock(&mutex_);
  watchers_.push_back(std::move(watcher));
}

bool LogIntake::RemoveDue(std::vector<Waiting>& due) {
  const absl::Duration expire_at = SteadyCondition::Now() + kExpireInterval;
  absl::MutexLock lock(&mutex_);
  absl::Duration now;
  for (;;) {
    now = SteadyCondition::Now();
    const absl::Duration next =
        waiting_.empty() ? expire_at : std::min(waiting_.begin()->first, expire_at);
    if (closing_ || next <= now) break;
    changed_.WaitFor(mutex_, next - now);
  }
  if (closing_) return false;
  size_t bytes = 0;
  while (!waiting_.empty() && waiting_.begin()->first <= now && bytes < kMaxBytesAtOnce) {
    bytes += waiting_.begin()->second.batch.columns.size();
    due.push_back(std::move(waiting_.begin()->second));
    waiting_.erase(waiting_.begin());
  }
  return true;
}

bool LogIntake::Store(std::vector<HostBatch>& batches) {
  for (bool told = false;; told = true) {
    const absl::Status status = store_.Append(batches, absl::Now());
    if (status.ok()) {
      if (told) LogInfo("the log takes records again");
      absl::MutexLock lock(&mutex_);
      stalled_since_.reset();
      return true;
    }
    // Only the first failure is logged; otherwise a full disk would fill the journal too.
    if (!told) LogError(status.message(), "; trying again until it works");
    absl::MutexLock lock(&mutex_);
    const absl::Duration now = SteadyCondition::Now();
    if (!stalled_since_.has_value()) stalled_since_ = now;
    const absl::Duration again = now + kRetry;
    for (absl::Duration then; !closing_ && (then = SteadyCondition::Now()) < again;) {
      changed_.WaitFor(mutex_, again - then);
    }
    if (closing_) return false;
  }
}

void LogIntake::Run() {
  // Expire also runs at once, to delete records that became too old while no controller was
  // running.
  absl::Duration expired_at = SteadyCondition::Now();
  store_.Expire(absl::Now(), absl::ZeroDuration());
  for (;;) {
    std::vector<Waiting> due;
    if (!RemoveDue(due)) return;
    std::vector<HostBatch> batches;
    batches.reserve(due.size());
    for (Waiting& one : due) batches.push_back(std::move(one.batch));
    if (!batches.empty() && !Store(batches)) return;
    for (size_t i = 0; i < due.size(); ++i) due[i].done(batches[i]);
    if (!batches.empty()) TellWatchers();
    const absl::Duration passed = SteadyCondition::Now() - expired_at;
    if (passed < kExpireInterval) continue;
    expired_at += passed;
    store_.Expire(absl::Now(), passed);
  }
}

absl::Duration LogIntake::stalled() const {
  absl::MutexLock lock(&mutex_);
  if (!stalled_since_.has_value()) return absl::ZeroDuration();
  return SteadyCondition::Now() - *stalled_since_;
}

void LogIntake::TellWatchers() {
  std::vector<std::shared_ptr<LogWatcher>> told;
  {
    absl::MutexLock lock(&mutex_);
    auto kept = watchers_.begin();
    for (auto& watcher : watchers_) {
      auto alive = watcher.lock();
      if (alive == nullptr) continue;
      told.push_back(std::move(alive));
      *kept++ = watcher;
    }
    watchers_.erase(kept, watchers_.end());
  }
  for (const auto& watcher : told) watcher->OnNewRecords();
}

}  // namespace firebreak::controller
