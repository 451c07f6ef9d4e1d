// SPDX-License-Identifier: Apache-2.0
#include "policy/rollout/waves.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/openssl/openssl.h"

namespace firebreak::policy {
namespace {

struct Candidate {
  std::string hash;
  const RolloutHost* host;
};

bool IsInOneOf(const RolloutHost& host, const std::set<std::string>& groups,
               const Selector& selector) {
  if (groups.contains(absl::StrCat("host:", host.name))) return true;
  for (const std::string& group : selector.GroupsOf(host.labels)) {
    if (groups.contains(group)) return true;
  }
  return false;
}

// Moves the hosts that the wave takes from `left` to `line`.
void Take(const v1::RolloutWave& wave, bool last, const Selector& selector, size_t all,
          std::vector<Candidate>& left, std::vector<std::string>& line) {
  size_t count = left.size();
  if (!last && wave.groups_size() > 0) {
    const std::set<std::string> groups(wave.groups().begin(), wave.groups().end());
    const auto end = std::stable_partition(left.begin(), left.end(), [&](const Candidate& one) {
      return IsInOneOf(*one.host, groups, selector);
    });
    count = static_cast<size_t>(end - left.begin());
  } else if (!last && wave.hosts() > 0) {
    count = wave.hosts();
  } else if (!last) {
    const size_t share = (all * wave.percent() + 99) / 100;
    count = share > line.size() ? share - line.size() : 0;
  }
  count = std::min(count, left.size());
  for (size_t i = 0; i < count; ++i) line.push_back(left[i].host->name);
  left.erase(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(count));
}

}  // namespace

Waves AssignWaves(const v1::RolloutStrategy& strategy, const Selector& selector,
                  absl::Span<const RolloutHost> hosts) {
  std::vector<Candidate> left;
  left.reserve(hosts.size());
  for (const RolloutHost& host : hosts) left.push_back({Sha256(host.name), &host});
  std::sort(left.begin(), left.end(), [](const Candidate& a, const Candidate& b) {
    return std::tie(a.hash, a.host->name) < std::tie(b.hash, b.host->name);
  });
  Waves waves;
  waves.line.reserve(hosts.size());
  for (int i = 0; i < strategy.waves_size(); ++i) {
    const size_t before = waves.line.size();
    Take(strategy.waves(i), i + 1 == strategy.waves_size(), selector, hosts.size(), left,
         waves.line);
    if (waves.line.size() > before) waves.ends.push_back(waves.line.size());
  }
  if (waves.ends.empty()) waves.ends.push_back(0);
  return waves;
}

v1::RolloutStrategy DefaultStrategy() {
  v1::RolloutStrategy strategy;
  strategy.add_waves()->set_hosts(1);
  strategy.add_waves()->set_percent(10);
  strategy.add_waves()->set_percent(50);
  strategy.add_waves()->set_percent(100);
  return strategy;
}

}  // namespace firebreak::policy
