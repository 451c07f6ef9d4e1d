// SPDX-License-Identifier: Apache-2.0
#include "agent/drift/drift_guard.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "base/log/log.h"
#include "base/time/timestamp.h"

namespace firebreak::agent {
namespace {

// The pause after a failed attempt to undo: another program was faster too many times, or the
// kernel has no memory left.
constexpr auto kBeforeRetry = std::chrono::milliseconds(100);
// When the kernel removed something because an interface went, this gives the interface's event
// time to arrive; after that event the rules change anyway.
constexpr auto kAfterKernel = std::chrono::milliseconds(20);

void Merge(ForeignChanges changes, ForeignChanges& into) {
  into.transactions += changes.transactions;
  for (std::string& changed : changes.changed) {
    if (into.changed.size() == ForeignChanges::kMaxChanged) break;
    if (std::find(into.changed.begin(), into.changed.end(), changed) == into.changed.end()) {
      into.changed.push_back(std::move(changed));
    }
  }
  into.program = std::move(changes.program);
  into.pid = changes.pid;
}

std::string Author(const v1::Drift& drift) {
  if (drift.program().empty()) return "another program";
  return absl::StrCat(drift.program(), " (process ", drift.pid(), ")");
}

}  // namespace

DriftGuard::DriftGuard(EventLoop& loop, RulesetEvents& events, uint32_t own, Listener& listener)
    : loop_(loop), events_(events), own_(own), listener_(listener) {
  loop_.Watch(events_.descriptor(), [this] { OnEvents(); });
}

DriftGuard::~DriftGuard() {
  loop_.Unwatch(events_.descriptor());
  loop_.Cancel(undo_timer_);
  loop_.Cancel(report_timer_);
}

void DriftGuard::OnEvents() {
  const Clock::time_point now = Clock::now();
  ForeignChanges changes = events_.Drain(own_);
  const bool elsewhere = changes.elsewhere;
  if (changes.transactions > 0) {
    if (undo_timer_ == 0) first_pending_ = now;
    Merge(std::move(changes), pending_);
    if (now >= next_undo_) {
      Undo();
    } else if (undo_timer_ == 0) {
      undo_timer_ = loop_.RunAt(next_undo_, [this] { Undo(); });
    }
  } else if (changes.by_kernel && undo_timer_ == 0) {
    first_pending_ = now;
    undo_timer_ = loop_.RunAfter(kAfterKernel, [this] { Undo(); });
  }
  if (elsewhere) listener_.OtherTablesChanged();
}

void DriftGuard::Undo() {
  loop_.Cancel(std::exchange(undo_timer_, 0));
  const Clock::time_point begun = Clock::now();
  const absl::StatusOr<Enforcer::Outcome> outcome = listener_.UndoForeignChanges();
  const Clock::time_point ended = Clock::now();
  next_undo_ = ended + std::max<Clock::duration>(
                           ended - begun, outcome.ok() ? Clock::duration::zero() : kBeforeRetry);
  // If nothing differed, the change did not concern what is enforced, or was already changed back.
  const bool differed = pending_.transactions > 0 && outcome.ok() && outcome->changes > 0;
  const bool failed_before = drift_.has_value() && !drift_->error().empty();
  if (!outcome.ok() || differed || failed_before) Record(outcome);
  if (outcome.ok()) {
    pending_ = ForeignChanges();
  } else {
    pending_.transactions = 0;
    undo_timer_ = loop_.RunAt(next_undo_, [this] { Undo(); });
  }
}

void DriftGuard::Record(const absl::StatusOr<Enforcer::Outcome>& outcome) {
  if (!drift_.has_value()) drift_.emplace();
  v1::Drift& drift = *drift_;
  drift.set_times(drift.times() + pending_.transactions);
  drift.clear_changed();
  for (const std::string& changed : pending_.changed) drift.add_changed(changed);
  drift.set_program(pending_.program);
  drift.set_pid(pending_.pid);
  *drift.mutable_at() = ToTimestamp(absl::Now());
  drift.set_changes(outcome.ok() ? outcome->changes : 0);
  drift.set_undone_micros(0);
  drift.clear_error();
  if (outcome.ok()) {
    drift.set_undone_micros(static_cast<uint64_t>(std::max<int64_t>(
        1, std::chrono::duration_cast<std::chrono::microseconds>(outcome->committed_at -
                                                                 first_pending_)
               .count())));
  } else {
    drift.set_error(std::string(outcome.status().message()));
  }
  if (report_timer_ != 0) return;  // the scheduled report will include this
  report_timer_ = loop_.RunAt(std::max(next_report_, Clock::now()), [this] { Report(); });
}

void DriftGuard::Report() {
  report_timer_ = 0;
  next_report_ = Clock::now() + kBetweenReports;
  const std::string what = absl::StrCat(
      Author(*drift_), " changed Firebreak's rules: ", absl::StrJoin(drift_->changed(), ", "));
  if (drift_->error().empty()) {
    LogWarning(absl::StrCat(what, "; undone with ", drift_->changes(), " changes in ",
                            drift_->undone_micros(), " µs (", drift_->times(), " times by now)"));
  } else {
    LogError(absl::StrCat(what, "; it could not be undone: ", drift_->error()));
  }
  listener_.FactsChanged();
}

}  // namespace firebreak::agent
