// SPDX-License-Identifier: Apache-2.0
#include "controller/front/fair_queue.h"

namespace firebreak::controller {

template <typename Change>
void FairQueue::Update(Parties::iterator party, const Change& change) {
  ready_.erase(RankOf(*party));
  change(party->second);
  if (!party->second.waiting.empty()) {
    ready_.insert(RankOf(*party));
  } else if (party->second.taken.empty()) {
    parties_.erase(party);
  }
}

void FairQueue::Wait(const std::string& party, Id id) {
  const auto [at, is_new] = parties_.try_emplace(party);
  // Else a party that comes and goes would always be the one that waited longest.
  if (is_new) at->second.turn = turn_;
  Update(at, [&](Party& one) { waiting_ += one.waiting.insert(id).second ? 1 : 0; });
}

std::optional<FairQueue::Id> FairQueue::Next() {
  if (ready_.empty()) return std::nullopt;
  const bool has_none = std::get<0>(*ready_.begin()) == 0;
  if (taken_ >= places_ + (has_none ? more_ : 0)) return std::nullopt;
  const auto party = parties_.find(std::get<std::string>(*ready_.begin()));
  const Id id = *party->second.waiting.begin();
  Update(party, [&](Party& one) {
    one.waiting.erase(id);
    one.taken.insert(id);
    one.turn = ++turn_;
  });
  --waiting_;
  ++taken_;
  return id;
}

void FairQueue::Leave(const std::string& party, Id id) {
  const auto at = parties_.find(party);
  if (at == parties_.end()) return;
  Update(at, [&](Party& one) {
    waiting_ -= one.waiting.erase(id);
    taken_ -= one.taken.erase(id);
  });
}

}  // namespace firebreak::controller
