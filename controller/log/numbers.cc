// SPDX-License-Identifier: Apache-2.0
#include "controller/log/numbers.h"

#include <algorithm>

namespace firebreak::controller {

uint64_t NextNumber(const HostNumbers& numbers, absl::string_view host, uint64_t epoch) {
  const auto found = numbers.find(host);
  if (found == numbers.end()) return 1;
  for (const auto& [known, next] : found->second) {
    if (known == epoch) return next;
  }
  return 1;
}

void SetNextNumber(absl::string_view host, uint64_t epoch, uint64_t next, HostNumbers& numbers) {
  auto found = numbers.find(host);
  if (found == numbers.end()) found = numbers.emplace(std::string(host), 0).first;
  auto& epochs = found->second;
  const auto known = std::find_if(epochs.begin(), epochs.end(),
                                  [&](const auto& one) { return one.first == epoch; });
  if (known != epochs.end()) epochs.erase(known);
  epochs.emplace_back(epoch, next);
  if (epochs.size() > kMaxEpochs) epochs.erase(epochs.begin());
}

void TakeNumbers(const Block& block, HostNumbers& numbers) {
  if (block.first_sequence == 0) return;
  SetNextNumber(block.host, block.epoch, block.first_sequence + block.records, numbers);
}

}  // namespace firebreak::controller
