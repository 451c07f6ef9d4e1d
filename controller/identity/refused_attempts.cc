// SPDX-License-Identifier: Apache-2.0
#include "controller/identity/refused_attempts.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/log/log.h"
#include "base/status/status.h"
#include "base/time/passed.h"
#include "controller/identity/peer_address.h"

namespace firebreak::controller {

RefusedAttempts::Origin RefusedAttempts::OriginOf(const AuditEntry& entry) {
  return entry.actor.empty() ? Origin("", NetworkOf(entry.peer)) : Origin(entry.actor, "");
}

void RefusedAttempts::Record(AuditEntry entry, absl::Time now) {
  entry.result = "refused";
  {
    absl::MutexLock lock(&mutex_);
    if (attempts_.empty()) window_begin_ = now;
    const Origin origin = OriginOf(entry);
    const bool stranger = entry.actor.empty();
    // A stranger chooses the object freely, so the object does not distinguish attempts.
    Key key(origin.first, origin.second, entry.action, entry.detail);
    const auto of_one = distinct_.find(origin);
    if (attempts_.count(key) == 0 && of_one != distinct_.end() &&
        of_one->second >= kDistinctOfOne) {
      entry.action = "various";
      entry.object.clear();
      entry.detail = "attempts that were refused for other reasons";
      key = Key(origin.first, origin.second, entry.action, entry.detail);
    }
    if (const auto known = attempts_.find(key); known != attempts_.end()) {
      ++known->second.more;
      return;
    }
    if (stranger ? strangers_ >= kDistinct : attempts_.size() - strangers_ >= kDistinctNamed) {
      ++(stranger ? others_.of_strangers : others_.of_named);
      return;
    }
    if (stranger) ++strangers_;
    ++distinct_[origin];
    attempts_.emplace(std::move(key),
                      Attempts{.number = next_number_++, .first = entry, .at = now});
  }
  LogWarning("refused ", entry.action, entry.object.empty() ? "" : " of ", entry.object, " from ",
             entry.peer, entry.actor.empty() ? "" : ", ", entry.actor, ": ", entry.detail);
}

absl::Status RefusedAttempts::Flush(absl::Time now, bool closing) {
  std::vector<std::pair<absl::Time, AuditEntry>> rows;
  bool ends = false;
  // The number of further attempts that the rows report, by key, and the number of other attempts.
  // Attempts made during the transaction are not included.
  std::map<Key, int64_t> told;
  Others told_others;
  {
    absl::MutexLock lock(&mutex_);
    if (attempts_.empty()) return absl::OkStatus();
    ends = closing || HasPassed(kWindow, window_begin_, now);
    std::map<uint64_t, const Attempts*> oldest_first;
    for (const auto& [key, attempts] : attempts_) {
      oldest_first.emplace(attempts.number, &attempts);
      told.emplace(key, ends ? attempts.more : 0);
    }
    for (const auto& [number, attempts] : oldest_first) {
      if (!attempts->written) rows.emplace_back(attempts->at, attempts->first);
    }
    for (const auto& [number, attempts] : oldest_first) {
      if (!ends || attempts->more == 0) continue;
      rows.emplace_back(now, attempts->first);
      absl::StrAppend(&rows.back().second.detail, " (and ", attempts->more, " more times within ",
                      absl::FormatDuration(kWindow), ")");
    }
    if (ends) {
      told_others = others_;
      for (const auto& [count, whose] : {std::pair(others_.of_strangers, "others"),
                                         std::pair(others_.of_named, "other hosts")}) {
        if (count == 0) continue;
        rows.emplace_back(now, AuditEntry{.action = "various",
                                          .result = "refused",
                                          .detail = absl::StrCat(count, " attempts of ", whose)});
      }
    }
  }
  if (rows.empty() && !ends) return absl::OkStatus();
  absl::Status status = database_.Transact("record refused attempts", [&](Connection& connection) {
    for (const auto& [at, entry] : rows) {
      RETURN_IF_ERROR(AppendAudit(connection, at, entry));
    }
    return TrimAudit(connection);
  });
  if (!status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  others_.of_strangers -= told_others.of_strangers;
  others_.of_named -= told_others.of_named;
  for (const auto& [key, more] : told) {
    Attempts& attempts = attempts_.at(key);
    attempts.written = true;
    attempts.more -= more;
  }
  if (!ends) return absl::OkStatus();
  std::erase_if(attempts_,
                [](const auto& item) { return item.second.written && item.second.more == 0; });
  distinct_.clear();
  strangers_ = 0;
  for (const auto& [key, attempts] : attempts_) {
    ++distinct_[OriginOf(attempts.first)];
    strangers_ += attempts.first.actor.empty() ? 1 : 0;
  }
  window_begin_ = now;
  return absl::OkStatus();
}

}  // namespace firebreak::controller
