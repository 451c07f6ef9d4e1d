// SPDX-License-Identifier: Apache-2.0
#include "agent/conflicts/conflict_watch.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/conflicts/conflicts.h"
#include "agent/conflicts/legacy_tables.h"
#include "agent/kernel/nftables/foreign_chains.h"
#include "base/log/log.h"

namespace firebreak::agent {
namespace {

// A firewall that starts up makes many transactions, which are waited for.
constexpr auto kSettle = std::chrono::milliseconds(500);
constexpr auto kLegacyPeriod = std::chrono::minutes(1);

bool Same(const v1::Conflict& a, const v1::Conflict& b) {
  return a.what() == b.what() && a.table() == b.table() && a.explanation() == b.explanation();
}

}  // namespace

ConflictWatch::ConflictWatch(EventLoop& loop, NetlinkSocket socket, std::function<void()> changed)
    : loop_(loop), socket_(std::move(socket)), changed_(std::move(changed)) {
  legacy_ = ReadLegacyTables();
  Look();
  legacy_look_ = loop_.RunAfter(kLegacyPeriod, [this] { LookAtLegacy(); });
}

ConflictWatch::~ConflictWatch() {
  loop_.Cancel(look_);
  loop_.Cancel(legacy_look_);
}

void ConflictWatch::OthersChanged() {
  if (look_ != 0) return;
  look_ = loop_.RunAfter(kSettle, [this] {
    look_ = 0;
    legacy_ = ReadLegacyTables();
    if (Look()) changed_();
  });
}

void ConflictWatch::LookAtLegacy() {
  legacy_look_ = loop_.RunAfter(kLegacyPeriod, [this] { LookAtLegacy(); });
  std::vector<std::string> legacy = ReadLegacyTables();
  if (legacy == legacy_) return;
  legacy_ = std::move(legacy);
  if (Look()) changed_();
}

bool ConflictWatch::Look() {
  const auto chains = ReadForeignChains(socket_);
  if (!chains.ok()) {
    LogWarning(chains.status().message());
    return false;
  }
  std::vector<v1::Conflict> found = FindConflicts(*chains, legacy_);
  if (std::equal(found.begin(), found.end(), conflicts_.begin(), conflicts_.end(), Same))
    return false;
  for (const v1::Conflict& conflict : found) {
    const bool known = std::any_of(conflicts_.begin(), conflicts_.end(),
                                   [&](const v1::Conflict& one) { return Same(one, conflict); });
    if (known) continue;
    LogWarning(absl::StrCat("beside Firebreak there is ", conflict.what(), " (table ",
                            conflict.table(), "): ", conflict.explanation()));
  }
  conflicts_ = std::move(found);
  return true;
}

}  // namespace firebreak::agent
