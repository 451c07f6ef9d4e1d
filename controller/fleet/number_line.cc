// SPDX-License-Identifier: Apache-2.0
#include "controller/fleet/number_line.h"

#include <utility>

namespace firebreak::controller {

bool NumberLine::Enter(const std::shared_ptr<InLine>& member) {
  absl::MutexLock lock(&mutex_);
  if (const auto found = places_.find(member.get()); found != places_.end()) {
    if (found->second == Place::kWaiting) return false;
    places_.erase(found);
    return true;
  }
  if (free_ > 0) {
    --free_;
    return true;
  }
  places_.emplace(member.get(), Place::kWaiting);
  line_.push_back(member);
  return false;
}

void NumberLine::Leave(const InLine& member) {
  absl::MutexLock lock(&mutex_);
  places_.erase(&member);
}

void NumberLine::Tick() {
  std::vector<std::shared_ptr<InLine>> next;
  {
    absl::MutexLock lock(&mutex_);
    free_ = kAtOnce;
    while (free_ > 0 && !line_.empty()) {
      std::shared_ptr<InLine> member = line_.front().lock();
      line_.pop_front();
      const auto found = places_.find(member.get());
      if (member == nullptr || found == places_.end() || found->second != Place::kWaiting) continue;
      found->second = Place::kItsTurn;
      --free_;
      next.push_back(std::move(member));
    }
  }
  for (const auto& member : next) member->OnTurn();
}

}  // namespace firebreak::controller
