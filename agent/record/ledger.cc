// SPDX-License-Identifier: Apache-2.0
#include "agent/record/ledger.h"

#include <algorithm>

#include "absl/strings/match.h"

namespace firebreak::agent {

bool Ledger::Counts(absl::string_view counter) {
  return absl::StartsWith(counter, "drop.") || absl::StartsWith(counter, "observe.");
}

void Ledger::Resume(const Accounts& accounts) {
  lines_.clear();
  for (const auto& [name, packets] : accounts) {
    lines_[name] = {.accounted = packets, .counted = packets, .raw = packets};
  }
}

void Ledger::Begin(const PacketCounts& counts) {
  lines_.clear();
  for (const auto& [name, packets] : counts) {
    if (!Counts(name)) continue;
    lines_[name] = {.accounted = packets, .counted = packets, .raw = packets};
  }
}

void Ledger::Read(const PacketCounts& counts) {
  for (const auto& [name, packets] : counts) {
    if (!Counts(name)) continue;
    Line& line = lines_[name];
    // The rules were removed and added again, so the counter has restarted from 0.
    if (packets < line.raw) {
      line.base = std::max(line.counted, line.accounted - std::min(line.accounted, line.fresh));
    }
    line.fresh = 0;
    line.raw = packets;
    line.counted = line.base + packets;
  }
}

std::vector<Ledger::Loss> Ledger::Settle(bool quiet) {
  std::vector<Loss> losses;
  for (auto& [name, line] : lines_) {
    if (line.counted > line.accounted) {
      losses.push_back({name, line.counted - line.accounted});
      line.accounted = line.counted;
    } else if (quiet) {
      // These packets were logged before the counters were first read, or by a rule that does not
      // count.
      line.accounted = line.counted;
    }
  }
  return losses;
}

Accounts Ledger::accounts() const {
  Accounts accounts;
  for (const auto& [name, line] : lines_) {
    accounts[name] = line.accounted - std::min(line.accounted, line.base);
  }
  return accounts;
}

}  // namespace firebreak::agent
