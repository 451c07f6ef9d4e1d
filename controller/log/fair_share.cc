// SPDX-License-Identifier: Apache-2.0
#include "controller/log/fair_share.h"

#include <algorithm>
#include <vector>

namespace firebreak::controller {
namespace {

uint64_t ShareOf(const HostBytes& held, uint64_t limit) {
  std::vector<uint64_t> amounts;
  amounts.reserve(held.size());
  for (const auto& [host, bytes] : held) amounts.push_back(bytes);
  std::sort(amounts.begin(), amounts.end());
  uint64_t rest = limit;
  for (size_t i = 0; i < amounts.size(); ++i) {
    const uint64_t share = rest / (amounts.size() - i);
    if (amounts[i] > share) return share;
    rest -= amounts[i];
  }
  return UINT64_MAX;
}

}  // namespace

HostBytes ExcessOf(const HostBytes& held, uint64_t limit) {
  const uint64_t share = ShareOf(held, limit);
  HostBytes excess;
  for (const auto& [host, bytes] : held) {
    if (bytes > share) excess[host] = bytes - share;
  }
  return excess;
}

}  // namespace firebreak::controller
