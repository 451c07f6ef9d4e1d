// SPDX-License-Identifier: Apache-2.0
#include "controller/front/strangers.h"

namespace firebreak::controller {

template <typename Change>
void Strangers::Update(Networks::iterator network, const Change& change) {
  by_size_.erase({network->second.size(), network->first});
  size_ -= network->second.size();
  change(network->second);
  size_ += network->second.size();
  if (network->second.size() == 0) {
    networks_.erase(network);
  } else {
    by_size_.insert({network->second.size(), network->first});
  }
}

Strangers::Id Strangers::WeakestOf(const Network& network) {
  // Among the connections that have sent something the oldest are nearest to their turn.
  return network.silent.empty() ? *network.speaking.rbegin() : *network.silent.begin();
}

std::optional<Strangers::Id> Strangers::Come(const std::string& network, Id id) {
  const auto at = networks_.try_emplace(network).first;
  Update(at, [&](Network& one) { one.silent.insert(id); });
  if (at->second.size() > of_one_) {
    // Not always the newest one, or a thousand silent ones would keep out all that come after them.
    return WeakestOf(at->second);
  }
  if (size_ <= in_all_) return std::nullopt;
  const auto& [most, largest] = *by_size_.rbegin();
  // All networks have about the same number: whoever waits longer stays.
  if (most <= at->second.size()) return id;
  return WeakestOf(networks_.at(largest));
}

std::optional<Strangers::Id> Strangers::Weakest() const {
  if (by_size_.empty()) return std::nullopt;
  return WeakestOf(networks_.at(by_size_.rbegin()->second));
}

void Strangers::Spoke(const std::string& network, Id id) {
  const auto at = networks_.find(network);
  if (at == networks_.end() || at->second.silent.erase(id) == 0) return;
  at->second.speaking.insert(id);
}

void Strangers::Leave(const std::string& network, Id id) {
  const auto at = networks_.find(network);
  if (at == networks_.end()) return;
  Update(at, [&](Network& one) {
    one.silent.erase(id);
    one.speaking.erase(id);
  });
}

}  // namespace firebreak::controller
