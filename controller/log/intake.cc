#include "controller/log/intake.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "controller/event_log.h"

namespace firebreak::controller {
namespace {

// What a batch costs besides its bytes: a small one may unfold to many records.
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
  }
  thread_.join();
}

absl::Time LogIntake::DueAt(const HostBatch& batch, absl::Time now) {
  if (used_until_.size() > kMaxHosts) used_until_.clear();
  absl::Time& used_until = used_until_[batch.host];
  const double bytes = static_cast<double>(batch.columns.size()) + kBytesPerBatch;
  // A share that was not used for longer than a burst lasts is gone; so is a clock set back.
  used_until = std::clamp(used_until, now - kBurst, now + 2 * kBurst) +
               absl::Seconds(bytes / kBytesPerSecond);
  return std::max(used_until, now);
}

void LogIntake::Take(HostBatch batch, Done done) {
  absl::MutexLock lock(&mutex_);
  if (closing_) return;
  const absl::Time due = DueAt(batch, absl::Now());
  waiting_.emplace(due, Waiting{std::move(batch), std::move(done)});
}

void LogIntake::Watch(std::weak_ptr<LogWatcher> watcher) {
  absl::MutexLock lock(&mutex_);
  watchers_.push_back(std::move(watcher));
}

bool LogIntake::TakeDue(std::vector<Waiting>& due) {
  const absl::Time expire_at = absl::Now() + kExpireInterval;
  absl::MutexLock lock(&mutex_);
  const auto changed = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return closing_ || (!waiting_.empty() && waiting_.begin()->first <= absl::Now());
  };
  for (;;) {
    const auto arrived =
        [this, first = waiting_.empty() ? absl::InfiniteFuture() : waiting_.begin()->first]()
            ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
              return closing_ || (!waiting_.empty() && waiting_.begin()->first < first);
            };
    if (changed() || absl::Now() >= expire_at) break;
    const absl::Time next = waiting_.empty() ? expire_at : waiting_.begin()->first;
    mutex_.AwaitWithDeadline(absl::Condition(&arrived), std::min(next, expire_at));
  }
  if (closing_) return false;
  size_t bytes = 0;
  const absl::Time now = absl::Now();
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
      return true;
    }
    // A full disk would otherwise fill the journal as well.
    if (!told) LogError(status.message(), "; trying again until it works");
    absl::MutexLock lock(&mutex_);
    if (mutex_.AwaitWithTimeout(absl::Condition(&closing_), kRetry)) return false;
  }
}

void LogIntake::Run() {
  absl::Time expire_at = absl::Now() + kExpireInterval;
  for (;;) {
    std::vector<Waiting> due;
    if (!TakeDue(due)) return;
    std::vector<HostBatch> batches;
    batches.reserve(due.size());
    for (Waiting& one : due) batches.push_back(std::move(one.batch));
    if (!batches.empty() && !Store(batches)) return;
    for (size_t i = 0; i < due.size(); ++i) due[i].done(batches[i]);
    if (!batches.empty()) TellWatchers();
    if (absl::Now() < expire_at) continue;
    expire_at = absl::Now() + kExpireInterval;
    store_.Expire(absl::Now());
  }
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
