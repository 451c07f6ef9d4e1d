// SPDX-License-Identifier: Apache-2.0
#include "controller/fleet/trial_line.h"

#include <algorithm>
#include <utility>

namespace firebreak::controller {

TrialLine::TrialLine(size_t fixed, absl::Duration patience)
    : patience_(patience), window_(fixed), thread_([this] { Run(); }) {}

TrialLine::~TrialLine() {
  {
    absl::MutexLock lock(&mutex_);
    closing_ = true;
    changed_.Signal();
  }
  thread_.join();
}

bool TrialLine::Enter(const std::shared_ptr<InLine>& member) {
  absl::MutexLock lock(&mutex_);
  if (on_trial_.contains(member.get())) return true;
  if (waiting_.contains(member.get())) return false;
  if (line_.empty() && HasRoom()) {
    Begin(*member);
    // The thread may be waiting without a time limit.
    if (on_trial_.size() == 1) changed_.Signal();
    return true;
  }
  const Place place = next_place_++;
  line_.emplace(place, member);
  waiting_.emplace(member.get(), place);
  if (HasRoom()) changed_.Signal();
  return false;
}

void TrialLine::Begin(const InLine& member) {
  const Place place = next_place_++;
  on_trial_.emplace(&member, place);
  begun_.emplace(place, Begun{&member, SteadyCondition::Now()});
  most_on_trial_ = std::max(most_on_trial_, on_trial_.size());
}

void TrialLine::Leave(const InLine& member) {
  absl::MutexLock lock(&mutex_);
  LeaveLocked(member);
}

void TrialLine::Answered(const InLine& member, absl::Duration took) {
  absl::MutexLock lock(&mutex_);
  window_.OnAnswer(took, !line_.empty());
  LeaveLocked(member);
}

void TrialLine::LeaveLocked(const InLine& member) {
  if (const auto found = waiting_.find(&member); found != waiting_.end()) {
    line_.erase(found->second);
    waiting_.erase(found);
  }
  if (const auto found = on_trial_.find(&member); found != on_trial_.end()) {
    begun_.erase(found->second);
    on_trial_.erase(found);
  }
  if (!line_.empty() && HasRoom()) changed_.Signal();
}

void TrialLine::EndOverdue(absl::Duration now) {
  while (!begun_.empty() && begun_.begin()->second.at + patience_ <= now) {
    on_trial_.erase(begun_.begin()->second.member);
    begun_.erase(begun_.begin());
    ++overdue_;
  }
}

std::vector<std::shared_ptr<InLine>> TrialLine::TakeNext() {
  std::vector<std::shared_ptr<InLine>> next;
  while (!line_.empty() && HasRoom()) {
    std::shared_ptr<InLine> member = line_.begin()->second.lock();
    line_.erase(line_.begin());
    if (member == nullptr) continue;
    waiting_.erase(member.get());
    Begin(*member);
    next.push_back(std::move(member));
  }
  return next;
}

TrialLine::Stats TrialLine::stats() const {
  absl::MutexLock lock(&mutex_);
  return {.limit = window_.limit(),
          .on_trial = on_trial_.size(),
          .most_on_trial = most_on_trial_,
          .waiting = line_.size(),
          .overdue = overdue_};
}

void TrialLine::Run() {
  for (;;) {
    std::vector<std::shared_ptr<InLine>> next;
    {
      absl::MutexLock lock(&mutex_);
      for (;;) {
        if (closing_) return;
        const absl::Duration now = SteadyCondition::Now();
        EndOverdue(now);
        next = TakeNext();
        if (!next.empty()) break;
        const absl::Duration overdue_at =
            begun_.empty() ? now + absl::Hours(1) : begun_.begin()->second.at + patience_;
        changed_.WaitFor(mutex_, overdue_at - now);
      }
    }
    for (const auto& member : next) member->OnTurn();
  }
}

}  // namespace firebreak::controller
